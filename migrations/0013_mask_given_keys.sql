-- A first key that a person chose was shown by its first eight characters, which could be all of it. The second
-- condition finds one of eight characters that looks like a beginning of ours.
UPDATE "api_keys" SET "prefix" = 'given'
WHERE "prefix" !~ '^clk_[A-Za-z0-9_-]{4}$' OR encode(sha256(convert_to("prefix", 'UTF8')), 'hex') = "key_hash";
