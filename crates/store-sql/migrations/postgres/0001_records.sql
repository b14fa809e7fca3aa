-- LoRAs and their runs. What is asked for has a column; the rest is in the body, JSON. Times are microseconds since the
-- Unix epoch. Ids sort by their bytes, whatever the database's locale.

CREATE TABLE loras (
    id         TEXT COLLATE "C" PRIMARY KEY,
    owner      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    -- The name in lower case, folded by the program: what the database makes of letters depends on its locale.
    folded     TEXT   NOT NULL,
    pictures   BIGINT NOT NULL,
    updated    BIGINT NOT NULL,
    -- Of the lock under which it was saved last.
    generation BIGINT NOT NULL,
    body       TEXT   NOT NULL
);
CREATE INDEX loras_of_owner ON loras (owner, updated);
CREATE INDEX loras_by_name ON loras (owner, folded);

-- Ids that no late save may bring back.
CREATE TABLE deleted_loras (
    id TEXT COLLATE "C" PRIMARY KEY
);

CREATE TABLE runs (
    id               TEXT COLLATE "C" PRIMARY KEY,
    lora             TEXT COLLATE "C" NOT NULL REFERENCES loras (id) ON DELETE CASCADE,
    owner            TEXT    NOT NULL,
    engine           TEXT    NOT NULL,
    major            BIGINT  NOT NULL,
    minor            BIGINT  NOT NULL,
    state            TEXT    NOT NULL,
    active           BOOLEAN NOT NULL,
    created          BIGINT  NOT NULL,
    updated          BIGINT  NOT NULL,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    -- The highest generation any claim had.
    generation       BIGINT  NOT NULL DEFAULT 0,
    -- Until when it is claimed; absent when it was given back or is settled.
    claimed_until    BIGINT,
    -- Whether all is done that its end asks for.
    settled          BOOLEAN NOT NULL DEFAULT FALSE,
    body             TEXT    NOT NULL
);
-- However often it is pressed, a LoRA trains once at a time.
CREATE UNIQUE INDEX runs_active ON runs (lora) WHERE active;
-- In the order of claims.
CREATE INDEX runs_unsettled ON runs ((state = 'queued'), created, id) WHERE NOT settled;
CREATE INDEX runs_queued ON runs (engine, created, id) WHERE active AND state = 'queued';
CREATE INDEX runs_of_lora ON runs (lora, created);
CREATE INDEX runs_of_owner ON runs (owner, created);

-- Which blobs a LoRA or run refers to.
CREATE TABLE blob_uses (
    blob   TEXT COLLATE "C" NOT NULL,
    -- The LoRA's or run's id; they are never alike.
    record TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (blob, record)
);
CREATE INDEX blob_uses_of_record ON blob_uses (record);
