/**
 * The words that stand around a maker's name in a cell, by what they are worth as evidence.
 *
 * Sources: legal forms from the OpenSanctions rigour list of organisation types (MIT), cut to forms met on
 * camera invoices; everything else read off public camera inventories and makers' own company names.
 * Raise `WORDS_VERSION` with every change: results name the version that produced them.
 */
export const WORDS_VERSION = 2

/**
 * `legal` form of a company; `generic` word of the trade names ("technology"); `place`; `trade` noise such
 * as camera types and placeholders; `joiner` ("and", "by"); `cue` of another industry ("bank").
 */
type KnownClass = 'legal' | 'generic' | 'place' | 'trade' | 'joiner' | 'cue'

/** One line: the word kept, then the spellings folded into it. */
const LEGAL = `
ltd limited ltda limitada limitd limted limitee lmtd
co company compania compagnie companhia cia cie coltd
corp corporation corporations corporate corporacion corporación coporation corperation
inc incorporated incorporation incorporee incs
llc llcs lc ltdco
llp
lp
plc plcs pllc
gmbh gesmbh ggmbh gmbhco
ag aktiengesellschaft
kg kgaa gmbhcokg
ab aktiebolag aktiebolaget
as aktieselskab aksjeselskap asa
aps
oy oyj osakeyhtio
bv bvba besloten
nv vennootschap
sa sociedad sociedade societe anonima anonyme
sas sasu
sarl sarlau
srl srls
spa
sl slu sll
sadecv sapidecv cv rl
eireli
pty proprietary
pte
pvt private privatelimited
sdn
bhd berhad
tbk
kk
gk
yk
kft
zrt nyrt
sro
spzoo zoo sp oo
doo
ood eood
ooo
zao
oao
pao
ao
jsc ojsc cjsc pjsc
fze fzco fzc fzllc
dmcc
wll
saoc saog
se
ev
psc
lda
unlimited
stock joint
holding holdings
group gruppe grupo groupe gruppo
pt
dba
`

const GENERIC = `
technology technologies tech techs tec techn technical technologie technologia tecnologia tecnologias technik technologi teknoloji jishu technics
digital digitals dig digi
security securities sec secure seguridad seguranca sicurezza sicherheit securite beveiliging guvenlik
safety
sicherheitssysteme
system systems sys syst sistemas sistemi systeme systemes
solution solutions soln solns
communication communications comm comms communicate comunicaciones kommunikation commun telecommunications telecommunication telecom telecoms telecomunicacoes telecomunicaciones telekom
network networks ntwk ntwks netwk networking nets ntwrks netwks nwk
electronic electronics elec elecs electron elettronica electronica elektronik elektronics electric electrical electronique
vision visions visual
video
surveillance surveil surv vigilancia videosurveillance
international intl int internacional internationale
national natl nacional
industry industries ind inds industrial industria
innovation innovations innovative innov
import imp
export exp
equipment equip eqpt equipments
enterprise enterprises ent
product products prod prods productos produkte
service services svc svcs servicios servico
information info
building bldg buildings
control controls ctrl ctrls cntrl ctls
dynamics dyn
laboratory laboratories labs lab
american amer
professional prof
commercial
consumer
global
worldwide
wireless
mobile mobility
device devices
imaging image images
optoelectronics optoelectronic optronics
semiconductor semiconductors semi
intelligent intelligence intel
smart
internet iot
software
hardware
development dev
manufacturing mfging fabrication
trading trade
science sciences scientific
engineering engineers eng
research
business businesses
division div
subsidiary subsid
branch
office
headquarters hq
sales
marketing
distribution distributors distributor dist
integration integrations integrator integrators
investment investments invest
electro
data
cloud
cyber
automation
r&d
venture ventures
partners partner
brands
`

const PLACE = `
usa us america americas
united states kingdom
uk gb britain england scotland wales ireland
canada canadian
mexico
brazil brasil
argentina chile colombia peru
europe european eu emea eur
germany deutschland german
france french
italy italia
spain espana iberia
portugal
netherlands nederland holland benelux
belgium
nordic nordics sweden sverige norway norge denmark danmark finland
switzerland schweiz suisse
austria
poland polska
czech hungary romania bulgaria serbia croatia
greece turkey turkiye
russia rus russian ukraine kazakhstan
israel
india indian
pakistan bangladesh lanka
china chinese prc cn zhongguo
taiwan tw roc
hong kong hongkong hk
macau
japan japanese
korea korean
singapore
malaysia thailand vietnam indonesia philippines
australia australian zealand anz oceania
asia asian apac pacific
africa african nigeria kenya egypt
gulf dubai uae emirates saudi arabia qatar mea
latam latin
north south east west northern southern eastern western central middle
hangzhou zhejiang shenzhen shanghai beijing guangzhou guangdong chengdu tianjin xiamen fujian suzhou jiangsu zhuhai wuhan hubei xian nanjing sichuan chongqing ningbo dongguan foshan sz hebei hunan shandong henan liaoning anhui shaanxi
urumqi moyu luopu pishan yutian xinjiang hotan
hangzou hangzhow zhejang zejiang
california texas florida york jersey
`

const TRADE = `
camera cameras cam cams camara camaras kamera kameras camer webcam
dome domes minidome bullet bullets turret turrets eyeball box ptz ptzs speeddome fisheye panoramic multisensor multi sensor sensors thermal fixed lens varifocal zoom optical
nvr nvrs dvr dvrs xvr hvr recorder recorders encoder encoders decoder decoders server servers storage vms nas
ip ipc ipcam ipcamera poe hd uhd fhd 4k mp megapixel ir wdr hdr tvi cvi ahd sdi hdtvi hdcvi cctv analog analogue hybrid lite
lpr anpr alpr plate plates license licence reader readers
outdoor indoor exterior interior vandal proof weatherproof explosion
wired wifi lte cellular solar
doorbell doorbells intercom body worn bodycam bodyworn dash dashcam fleet pole pan tilt
traffic intersection detection detector radar loop trailer
mfr mfg mfgr mfgs make maker makes made manufacturer manufacturers manufactured manuf brand brands brandname name vendor vendors supplier model models modelo type series line
oem odm relabel relabeled relabelled rebrand rebranded private label branded
unit units qty quantity each ea pcs pc piece lot kit kits set pair
no nr num number serial sn id item
used new old older newer existing installed install replaced replace replacement removed discontinued legacy spare active inactive eol original orig current various assorted
unknown unk tbd tba tbc na none null nil nan misc miscellaneous multiple mixed varies other others see attached attachment notes note confirmed confirm listed available applicable same above below ditto pending generic unbranded test
access point points router routers switch switches gateway modem radio radios monitor monitors display keyboard controller controllers
accessory accessories mount mounts bracket housing power supply injector adapter cable battery
hardware firmware version ver rev
station view viewer client app platform
color colour white black grey gray silver mini micro pro plus max ultra turbo lite ai gen edition next
day night vision starlight
channel channels port ports ch
home commercial outdoor pos
drone drones uas uav
dept
ds dh hac hdw hfw cmip cmhr cmht cmhd ptzip sd tc
year yr approx est
`

const JOINER = `
and or of the a an with for at in on to from und et y e de del do da di la le el von van near next via per
by
formerly previously fka nka aka former
`

const CUE = `
bank banks banking bancorp credit mortgage lending
hotel hotels motel resort resorts inn inns lodge casino casinos
restaurant restaurants cafe coffee pizza pizzeria grill bakery bakers deli diner bar pub lounge kitchen catering food foods snacks noodle noodles tea brewery brewing winery wine wines dairy meats poultry candy steakhouse
law lawyers attorney attorneys legal accounting accountants cpa realty realtors realtor properties
insurance assurance
clinic dental dentist dentistry orthodontics chiropractic optometry optometrist optics eyecare eyewear eye glasses pharmacy pharma pharmaceutical pharmaceuticals medical medicine veterinary hygiene
yoga fitness gym pilates salon spas beauty cosmetics hair nails massage barber tattoo
apparel clothing clothes leather shoes footwear fashion textile textiles fabrics jewelry jewelers jeweler jewellery diamonds
landscaping landscape lawn nursery plumbing roofing paving concrete cement masonry lumber timber flooring carpet painting paint paints excavating septic
farm farms feed seed seeds tractor tractors agriculture ranch
steel chemical chemicals plastics rubber glass metals mining oil petroleum paper packaging ceramics porcelain fertilizer
cleaners cleaning laundry dry
airlines airways airline aviation cruise cruises travel tours trucking freight shipping shipyard express courier moving
automotive auto autos motors tire tires dealership chevrolet
music records film films media news magazine newspaper broadcasting theater theatre cinema studios games gaming toys
church ministries temple dimes charity foundation museum
furniture mattress appliances grocery market supermarket mart
sports golf
wellness care
staffing tutoring daycare preschool
silicone
`

/** Company words in other scripts. Chinese in simplified characters. */
const NATIVE: Readonly<Record<Exclude<KnownClass, 'joiner'>, string>> = {
  legal:
    '股份有限公司 有限责任公司 有限公司 股份公司 股份 公司 集团 控股 株式会社 有限会社 合同会社 주식회사 유한회사 그룹 ооо оао зао пао ао тоо ип شركة المحدودة 企业',
  generic:
    '数字技术 信息技术 电子技术 网络技术 科技 技术 数字 数位 信息 资讯 电子 网络 通信 通讯 安防 安全 系统 智能 视觉 半导体 软件 设备 实业 国际 工业 物联 物联网 数码 光电 创新 无线 테크놀로지 테크 전자 시스템 시스템즈 テクノロジー テクノロジーズ システム システムズ технологии технолоджи текнолоджи системы цифровые تكنولوجيا للتكنولوجيا',
  place:
    '中国 杭州 浙江 深圳 上海 北京 广州 广东 成都 天津 厦门 福建 苏州 江苏 珠海 武汉 湖北 西安 南京 四川 重庆 乌鲁木齐 墨玉 洛浦 香港 台湾 日本 韩国 美国 欧洲 ジャパン アメリカ 코리아 미국 한국 россия рус китай الصين',
  trade:
    '摄像机 摄像头 摄影机 网络摄像机 监控 监控摄像机 监视器 录像机 硬盘录像机 球机 枪机 品牌 制造商 厂家 型号 产品 无 未知 其他 カメラ 監視カメラ ネットワーク ネットワークカメラ レコーダー メーカー 監視 카메라 제조사 камера камеры видеокамера видеокамеры камер производитель неизвестно нет كاميرا كاميرات',
  cue: '银行 酒店 宾馆 饭店 餐饮 食品 医院 医药 药业 学校 大学 律师 会计师 事务所 保险 地产 置业 房地产 化工 钢铁 纺织 服装 水泥 物流 旅游 传媒 影视 농업 은행 호텔 식품 銀行 ホテル банк отель гостиница ресторан بنك فندق',
}

/**
 * Everyday English words that are also brands. Such an alias needs the whole cell, or a word or model
 * number of the trade beside it: "March of Dimes" is no camera.
 */
const EVERYDAY = `
alibi axis axon blink bolide canon clare empire flock insight leonardo luma lumens march milestone moog nest
ring salient vantage vigilant zebra rhombus spectra optera esprit endura safire imperial guardian pinnacle
falcon phoenix titan vector matrix summit legend defender sentinel sentry eclipse horizon fusion
focus iris prism pulse beacon compass anchor atlas apex pioneer patriot liberty eagle owl hawk condor raven
raptor viper cobra python tiger panther jaguar puma wolf bear fox lion shark dolphin whale orca mantis hornet
wasp bee spider scorpion dragon griffin hydra nova star sun moon mars venus mercury saturn jupiter neptune
comet meteor galaxy orbit zenith nadir vertex nexus node link bridge gate tower castle fortress shield
sword arrow spear lance armor crown royal noble prime alpha beta gamma delta omega sigma theta
swan ganz arrow speed element essence mirror
`

/**
 * Words and companies that are near a catalog name and are somebody else: spelling may be repaired
 * towards a vendor only from words not listed here.
 */
const SOMEBODY_ELSE = `
busch bush lurex vigilante vigilantes clary epsom longs nelly snell tactile reflex segura spectral spectre vintage
hikari hikaru hiker hikers hike hiking hickory hickman hitachi hirsch hispanic hisense histon hitchcock
hikmat hikma highvision
dahlia dahlias dahl dahn daihatsu daewoo dahan dahab daha dahmer dharma dana danaher daiwa duha dasha
dehaan dakota dacia daphne
univision unisys unity unify unifi unifirst univac unilever unitron uniroyal univar univest unveil universal
university universe unique uniqlo unison unisource united unilux univera unicom unova tandy trendy tiffany tandberg brandy sandy candy randy tindy tiara tiana tianna tidy tiny tangy twenty
tandem timely
hydra hyatt hyster hysteria hydro hyde hybrid hyper hydera hyundai hytrol hectare hera hawaii haworth hughes huntley huawen huaxia huaneng hauppauge huawa hua
silicon silica hisil silicone
zeiss zet zed ztt ztm zebra zara zest zita
ceica ciena ciee celec cieco
easyvisa easyview easyviz evis elvis ellis
lets ltc lti ltv lte let lots late
loreal loxone lorica loren lorenz lorena lorentz lores lore loris lowes lorry lores
annie anna anne annex ankle anker ankara anneke ann angle annika annexe uncle enke inke
hillcrest pinecrest hillock hilock hillook himatch interlogic lechance amcor amco ameris ambarella amherst amaret amcast ancestry ancestor amtrust amtech
emu imo imus moua imus emo ammo imax
megabyte megavision
sensormatic sensys sensemetrics sensei sensor
quantel questel quantum questal
autec autela hotel
axim axial axil axel axle axes axiom axion alexis taxis praxis axios oasis aegis
boscov boscovs bosca bose bos bosc boss bosco
pelican pella petco pepco delco telco pesco pelaco palco
flare flair fir flirt fliers flyer fuel
sonic sono soda soy
avalon avignon avigail
verizon verda veranda verkade vermeer
mobility mobil mobile mobutu mobiltex
vivo vivint vivitek vivid
rhodes rhonda rhomb
ubisoft
marsh mark march mars
generac genetic genetics genentech genesee generic genelec
honeycomb honey honda
flocke flake block clock frock flocked flack
ringo rings rink rang wing rig
blinky blinks brink blank slink bling
nestle nets best test next neat
swanson swan
infineon infinity infinite infiniti
vicor vision victor vico vicar vickers
moogle moon mood
miosis mission
wayze wise waze wye wyse
cannon cannons canyon cannot cameron canton
casio costco
basel basset basil baseler
uniden unidentified hanna hannah hanover hanway
epson epcor epcot epicor
sapphire safari satire saffire samurai safer
intelsat intel
montague montana montclair mountainview montville
empress
sysco crisco cusco
merck redlink relink
netgear netgate trendmicro trendset
ecolite econolodge econo
arlow carlo marlo arloe
luna lama lumia luminar lumen
clara claire clark clair care glare
leonard
zosia
wize
anchor
sony tosh toshi
jenoptic
rekord record recor
axom exxon axos
neologic neologie
optec optek optix optics
raytech raytheon raptec
basle
speck specs
acta actis acte acti
dalmer
geovista geotab geodesy
milestones millstone
openai opensky
senator senstat
honeybee
flex
sonos
vicom vixen
costa coastal costas
uplink
`

/** A negation before a name: "not Hikvision". */
const NEGATION = 'not non none isnt never without unlike except excluding exclude excludes no anti'
/** Words that make a thing only like another: "Hikvision compatible". */
const LIKENESS = 'compatible compat clone clones knockoff lookalike equivalent style'
/** Words that say that whose name is on a thing did not build it. */
const RELABELED =
  'oem odm obm relabel relabels relabeled relabelled relabeling rebrand rebrands rebranded rebranding rebadge rebadged whitelabel whitelabeled unbranded clon clone clones copies replica replicas fake imitation counterfeit knockoff knockoffs lookalike lookalikes ripoff'
/** Words that make a thing an imitation of the maker's, a relabeled one, or one that is only guessed to be the maker's. */
const IMITATING = `
${LIKENESS}
oem odm obm relabel relabels relabeled relabelled relabeling rebrand rebrands rebranded rebranding rebadge rebadged branded private whitelabel whitelabeled unbranded generic genérico generico generica
compatibility compatibel kompatibel compatibles compativel kompatible clon copy copies replica replicas fake imitation counterfeit knockoffs lookalikes ripoff alternative alternativa alternatives substitute equal
like likes similar similars alike type tipo typ typen esque ish ahnlich styled
maybe probably possibly perhaps presumably supposedly allegedly guess assumed likely quizas posiblemente
was were ex quondam replaces replacing supersedes instead
not non none isnt never without unlike except excluding exclude excludes anti
`
/** Words that point at a maker of something else when they stand before its name: "mount for Axis". */
const POINTING = 'for fur para pour per with con avec mit via to as works'
/** Words that leave open whose it is. */
const VAGUE =
  'or other others unknown unk tbd tba various varies mixed misc miscellaneous multiple assorted plus ai edition next replacement replacements label mount mounts bracket brackets housing housings adapter adapters cable cables injector battery accessory accessories lens lenses sensor ccd chip chipset soc'
/** Pieces of model numbers of restricted makers, which are known words so that they do not hide the name beside them. */
const MODEL_PIECES = 'ds dh hac hdw hfw cmip cmhr cmht cmhd ptzip'
/** Cities in which relabeled goods are made; makers from elsewhere are written with their country. */
const CHINESE =
  'hangzhou hangzou hangzhow zhejiang zhejang shenzhen sz shanghai beijing guangzhou guangdong chengdu tianjin xiamen fujian suzhou jiangsu zhuhai wuhan hubei xian nanjing sichuan chongqing ningbo dongguan foshan hebei hunan shandong henan liaoning anhui shaanxi urumqi xinjiang'

export interface KnownWord {
  readonly class: KnownClass
  /** The spelling that all variants fold to. */
  readonly folded: string
}

function readLines(
  lines: string,
  as: KnownClass,
  into: Map<string, KnownWord>,
  fold: 'first' | 'none',
): void {
  for (const line of lines.split('\n')) {
    const words = line.split(' ').filter(Boolean)
    for (const word of words) {
      if (into.has(word)) continue
      into.set(word, { class: as, folded: fold === 'first' ? (words[0] as string) : word })
    }
  }
}

function buildKnown(): ReadonlyMap<string, KnownWord> {
  const known = new Map<string, KnownWord>()
  // Earlier lists win: "spa" is a legal form before it is a beauty parlour.
  readLines(JOINER, 'joiner', known, 'none')
  readLines(LEGAL, 'legal', known, 'first')
  readLines(GENERIC, 'generic', known, 'first')
  readLines(PLACE, 'place', known, 'none')
  readLines(TRADE, 'trade', known, 'none')
  readLines(CUE, 'cue', known, 'none')
  for (const [as, text] of Object.entries(NATIVE)) readLines(text, as as KnownClass, known, 'none')
  return known
}

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean))

export const KNOWN_WORDS = buildKnown()
export const EVERYDAY_WORDS = setOf(EVERYDAY)
export const SOMEBODY_ELSE_WORDS = setOf(SOMEBODY_ELSE)
export const NEGATION_WORDS = setOf(NEGATION)
export const LIKENESS_WORDS = setOf(LIKENESS)
export const RELABELED_WORDS = setOf(RELABELED)
export const IMITATING_WORDS = setOf(IMITATING)
export const POINTING_WORDS = setOf(POINTING)
export const VAGUE_WORDS = setOf(VAGUE)
export const MODEL_PIECE_WORDS = setOf(MODEL_PIECES)
export const CHINESE_CITIES = setOf(CHINESE)
/** After one of these the name that follows is a second opinion: "HiLook by Hikvision". */
export const DEMOTING_WORDS = setOf('by formerly previously fka nka aka former dba')
