//! Statements that every database understands. SQLite numbers parameters as they come up first, so `$1` comes first.

/// Whoever is in the account of `$1`, and `$1` itself.
macro_rules! of_account {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " IN (SELECT $1 UNION ALL
                  SELECT other.owner FROM identities AS own
                  JOIN identities AS other ON other.account = own.account
                  WHERE own.owner = $1)",
            $after
        )
    };
}

pub(crate) const LORA: &str = "SELECT body, generation FROM loras WHERE id = $1";

pub(crate) const LORAS_OF_OWNER: &str = of_account!(
    "
    SELECT id, name, pictures, updated,
           EXISTS (SELECT 1 FROM runs AS r WHERE r.lora = l.id AND r.active),
           (SELECT r.major || '.' || r.minor FROM runs AS r
            WHERE r.lora = l.id AND r.state = 'done'
            ORDER BY r.major DESC, r.minor DESC LIMIT 1)
    FROM loras AS l WHERE owner",
    " ORDER BY updated DESC, id"
);

pub(crate) const NAMED: &str = of_account!(
    "SELECT id FROM loras WHERE owner",
    " AND folded = $2 ORDER BY id LIMIT 1"
);

pub(crate) const IS_DELETED: &str = "SELECT 1 FROM deleted_loras WHERE id = $1";

pub(crate) const WRITE_LORA: &str = "
    INSERT INTO loras (id, owner, name, folded, pictures, updated, generation, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE SET
        owner = excluded.owner, name = excluded.name, folded = excluded.folded,
        pictures = excluded.pictures, updated = excluded.updated,
        generation = excluded.generation, body = excluded.body";

/// Its ended runs go with it.
pub(crate) const DELETE_LORA: &str = "DELETE FROM loras WHERE id = $1";

pub(crate) const REMEMBER_DELETED: &str =
    "INSERT INTO deleted_loras (id) VALUES ($1) ON CONFLICT DO NOTHING";

pub(crate) const LORA_EXISTS: &str = "SELECT 1 FROM loras WHERE id = $1";

pub(crate) const RUN: &str = "SELECT body FROM runs WHERE id = $1";

pub(crate) const RUNS_OF_LORA: &str =
    "SELECT body FROM runs WHERE lora = $1 ORDER BY created DESC, id DESC";

pub(crate) const RUNS_OF_OWNER: &str = of_account!(
    "SELECT body FROM runs WHERE owner",
    " ORDER BY created DESC, id DESC LIMIT $2"
);

pub(crate) const ACTIVE_RUN: &str = "SELECT id FROM runs WHERE lora = $1 AND active";

pub(crate) const RUN_EXISTS: &str = "SELECT 1 FROM runs WHERE id = $1";

pub(crate) const INSERT_RUN: &str = "
    INSERT INTO runs (id, lora, owner, engine, major, minor, state, active, created, updated, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

pub(crate) const AHEAD: &str = "
    SELECT (SELECT count(*) FROM runs AS other
            WHERE other.active AND other.state = 'queued' AND other.engine = own.engine
              AND (other.created, other.id) < (own.created, own.id))
    FROM runs AS own WHERE own.id = $1 AND own.state = 'queued'";

pub(crate) const UPDATE_RUN: &str =
    "UPDATE runs SET state = $1, active = $2, updated = $3, body = $4 WHERE id = $5";

pub(crate) const SETTLE_RUN: &str = "
    UPDATE runs SET settled = TRUE, claimed_until = NULL
    WHERE id = $1 AND generation = $2 AND claimed_until IS NOT NULL AND NOT active";

pub(crate) const RELEASE_RUN: &str =
    "UPDATE runs SET claimed_until = NULL WHERE id = $1 AND generation = $2";

pub(crate) const REQUEST_CANCEL: &str =
    "UPDATE runs SET cancel_requested = TRUE WHERE id = $1 AND active";

pub(crate) const USES_BLOB: &str = "SELECT 1 FROM blob_uses WHERE blob = $1 LIMIT 1";

/// The run a claimed one is read by, while the claim stands and it has not ended.
macro_rules! claimed_run {
    ($locking:literal) => {
        concat!(
            "SELECT body FROM runs
             WHERE id = $1 AND generation = $2 AND claimed_until IS NOT NULL AND active",
            $locking
        )
    };
}
pub(crate) use claimed_run;

pub(crate) const MEMBERS: &str = "
    SELECT other.body FROM identities AS own
    JOIN identities AS other ON other.account = own.account
    WHERE own.owner = $1 ORDER BY other.place, other.owner";

pub(crate) const ACCOUNT_OF: &str = "SELECT account FROM identities WHERE owner = $1";

/// `$1` joins the account `$2` behind everybody there is; nothing happens when it is in one.
pub(crate) const JOIN: &str = "
    INSERT INTO identities (owner, account, place, body)
    VALUES ($1, $2, (SELECT coalesce(max(place), 0) + 1 FROM identities), $3)
    ON CONFLICT (owner) DO NOTHING";

pub(crate) const MERGE: &str = "UPDATE identities SET account = $1 WHERE account = $2";

pub(crate) const LEAVE: &str = "DELETE FROM identities WHERE owner = $1";

pub(crate) const OFFER_OF: &str = "SELECT body FROM link_codes WHERE owner = $1";

pub(crate) const OFFER_BY_CODE: &str =
    "SELECT body FROM link_codes WHERE code = $1 ORDER BY owner LIMIT 1";

pub(crate) const KEEP_OFFER: &str = "
    INSERT INTO link_codes (owner, code, body) VALUES ($1, $2, $3)
    ON CONFLICT (owner) DO UPDATE SET code = excluded.code, body = excluded.body";

pub(crate) const SPOIL: &str = "DELETE FROM link_codes WHERE code = $1";

pub(crate) const TRIES_OF: &str = "SELECT body FROM link_tries WHERE owner = $1";

pub(crate) const KEEP_TRIES: &str = "
    INSERT INTO link_tries (owner, body) VALUES ($1, $2)
    ON CONFLICT (owner) DO UPDATE SET body = excluded.body";

pub(crate) const FORGET_TRIES: &str = "DELETE FROM link_tries WHERE owner = $1";
