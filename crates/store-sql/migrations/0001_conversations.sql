-- Conversations between turns. Times are microseconds since the Unix epoch; bodies are JSON.

CREATE TABLE conversations (
    id                   INTEGER PRIMARY KEY,
    key                  TEXT    NOT NULL UNIQUE,
    bucket               INTEGER NOT NULL,
    version              INTEGER NOT NULL DEFAULT 0,
    sequence             INTEGER NOT NULL DEFAULT 0,
    token                INTEGER,
    tries                INTEGER NOT NULL DEFAULT 0,
    committed_generation INTEGER,
    committed_version    INTEGER,
    floor                INTEGER,
    ordered_at           INTEGER,
    handle               TEXT,
    expires              INTEGER
) STRICT;
CREATE INDEX conversations_expiring ON conversations (expires) WHERE expires IS NOT NULL;

-- Apart from the row above, which every renewal writes.
CREATE TABLE sessions (
    conversation INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    body         TEXT    NOT NULL
) STRICT;

-- Leases, and the recovery index: `due` is set while the lane has something in it.
CREATE TABLE lanes (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    lane         TEXT    NOT NULL,
    generation   INTEGER NOT NULL,
    owner        BLOB,
    until        INTEGER NOT NULL,
    due          INTEGER,
    -- Who sweeps it: 'turn', 'work' or 'deliver:' and the platform.
    sweep        TEXT    NOT NULL,
    PRIMARY KEY (conversation, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_due ON lanes (sweep, due) WHERE due IS NOT NULL;

CREATE TABLE mailbox (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence     INTEGER NOT NULL,
    -- Whether it counts towards the bound.
    person       INTEGER NOT NULL,
    -- The coalescing key under which a newer event may take its place.
    replaceable  TEXT,
    event        TEXT    NOT NULL,
    PRIMARY KEY (conversation, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    lane         TEXT    NOT NULL,
    sequence     INTEGER NOT NULL,
    effect       TEXT    NOT NULL,
    PRIMARY KEY (conversation, lane, sequence)
) STRICT, WITHOUT ROWID;

-- Event ids seen. `rank` is the platform's order of ordered ones, the sequence of the others.
CREATE TABLE remembered (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    id           TEXT    NOT NULL,
    ordered      INTEGER NOT NULL,
    rank         INTEGER NOT NULL,
    PRIMARY KEY (conversation, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_ranks ON remembered (conversation, ordered, rank);

-- The highest sequence seen of each coalescing key.
CREATE TABLE high_water (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    key          TEXT    NOT NULL,
    sequence     INTEGER NOT NULL,
    PRIMARY KEY (conversation, key)
) STRICT, WITHOUT ROWID;

-- A released lock keeps its row, and with it its generation.
CREATE TABLE locks (
    name       TEXT    PRIMARY KEY,
    generation INTEGER NOT NULL,
    holder     TEXT,
    display    TEXT,
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rooms (
    room     TEXT    PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE transcript (
    room     TEXT    NOT NULL REFERENCES rooms (room) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    changed  INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (room, position),
    UNIQUE (room, id),
    UNIQUE (room, changed)
) STRICT;
