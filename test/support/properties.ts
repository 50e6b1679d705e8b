/**
 * fast-check with a seed that is given: a run can be repeated, and nobody's change fails by luck.
 * To look for new counterexamples: TEST_SEED=12345, or TEST_SEED=random, which prints what it drew.
 */
import fc from 'fast-check'

const given = process.env.TEST_SEED ?? '20261124'
const seed = given === 'random' ? Math.trunc(Date.now() % 2 ** 31) : Number(given)
if (given === 'random') process.stderr.write(`TEST_SEED=${seed}\n`)
fc.configureGlobal({ seed })

export default fc
