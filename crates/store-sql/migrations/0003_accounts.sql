-- Who is the same person on several platforms. A row for each identity that is joined with others.
CREATE TABLE identities (
    -- As in the column of the same name of loras and runs.
    owner        TEXT    PRIMARY KEY,
    account      TEXT    NOT NULL,
    -- The order in which they joined.
    place        INTEGER NOT NULL,
    -- A member of an account, JSON.
    body         TEXT    NOT NULL
) STRICT;
CREATE INDEX identities_of_account ON identities (account, place);

-- Codes that join two of them: the last of each identity. The rest is in the body, JSON.
CREATE TABLE link_codes (
    owner TEXT PRIMARY KEY,
    code  TEXT NOT NULL,
    body  TEXT NOT NULL
) STRICT;
CREATE INDEX link_codes_by_code ON link_codes (code);

-- Wrong codes of an identity, JSON.
CREATE TABLE link_tries (
    owner TEXT PRIMARY KEY,
    body  TEXT NOT NULL
) STRICT;
