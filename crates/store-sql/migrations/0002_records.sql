-- LoRAs and their runs. What is asked for has a column; the rest is in the body, JSON.

CREATE TABLE loras (
    id         TEXT    PRIMARY KEY,
    owner      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    -- The name in lower case, which SQLite by itself can only make of ASCII.
    folded     TEXT    NOT NULL,
    pictures   INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    -- Of the lock under which it was saved last.
    generation INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX loras_of_owner ON loras (owner, updated);
CREATE INDEX loras_by_name ON loras (owner, folded);

-- Ids that no late save may bring back.
CREATE TABLE deleted_loras (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id               TEXT    PRIMARY KEY,
    lora             TEXT    NOT NULL REFERENCES loras (id) ON DELETE CASCADE,
    owner            TEXT    NOT NULL,
    engine           TEXT    NOT NULL,
    major            INTEGER NOT NULL,
    minor            INTEGER NOT NULL,
    state            TEXT    NOT NULL,
    active           INTEGER NOT NULL,
    created          INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    -- The highest generation any claim had.
    generation       INTEGER NOT NULL DEFAULT 0,
    -- Until when it is claimed; absent when it was given back or is settled.
    claimed_until    INTEGER,
    -- Whether all is done that its end asks for.
    settled          INTEGER NOT NULL DEFAULT 0,
    body             TEXT    NOT NULL
) STRICT;
-- However often it is pressed, a LoRA trains once at a time.
CREATE UNIQUE INDEX runs_active ON runs (lora) WHERE active;
CREATE INDEX runs_unsettled ON runs (created, id) WHERE NOT settled;
CREATE INDEX runs_of_lora ON runs (lora, created);
CREATE INDEX runs_of_owner ON runs (owner, created);

-- Which blobs a LoRA or run refers to.
CREATE TABLE blob_uses (
    blob   TEXT NOT NULL,
    -- The LoRA's or run's id; they are never alike.
    record TEXT NOT NULL,
    PRIMARY KEY (blob, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uses_of_record ON blob_uses (record);
CREATE TRIGGER loras_gone AFTER DELETE ON loras BEGIN
    DELETE FROM blob_uses WHERE record = old.id;
END;
CREATE TRIGGER runs_gone AFTER DELETE ON runs BEGIN
    DELETE FROM blob_uses WHERE record = old.id;
END;
