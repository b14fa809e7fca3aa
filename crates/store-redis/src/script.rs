//! The scripts, and how one is called.

use lorikeet_store::{LEASE, Limits, ORDERED_MEMORY};
use redis::{Cmd, Script as Source, cmd};

/// Has Redis refuse the whole script when it is out of memory, instead of failing at the first write.
const WRITES: &str = "#!lua\n";
const READS: &str = "#!lua flags=no-writes\n";

macro_rules! script {
    ($settings:expr, $file:literal) => {
        Script::new(format!(
            "{WRITES}{}{}{}",
            $settings,
            include_str!("../scripts/prelude.lua"),
            include_str!(concat!("../scripts/", $file))
        ))
    };
}

/// One script; Redis knows it by its digest once it has seen it.
pub(crate) struct Script {
    source: String,
    digest: String,
}

/// All of them.
pub(crate) struct Scripts {
    pub(crate) enter: Script,
    pub(crate) commit: Script,
    pub(crate) settle: Script,
    pub(crate) claim: Script,
    pub(crate) renew: Script,
    pub(crate) release: Script,
    pub(crate) lock: Script,
    pub(crate) hint: Script,
    pub(crate) put: Script,
    pub(crate) entries: Script,
}

impl Scripts {
    /// The scripts of a store with these limits. Settings are part of the text: what never changes need not be sent and
    /// read with every call.
    pub(crate) fn new(limits: &Limits, redraw: &str) -> Self {
        let idle = limits.idle.as_micros();
        let kept = idle + idle / 4;
        let settings = format!(
            "local LEASE, SILENCE, IDLE, KEPT, KEPT_MILLISECONDS = {}, {}, {idle}, {kept}, '{}'\n\
             local BOUND, REMEMBERED, REDRAW = {}, {}, [==[{redraw}]==]\n",
            LEASE.as_micros(),
            ORDERED_MEMORY.as_micros(),
            kept.div_ceil(1_000),
            limits.mailbox,
            limits.remembered,
        );
        Self {
            enter: script!(settings, "enter.lua"),
            commit: script!(settings, "commit.lua"),
            settle: script!(settings, "settle.lua"),
            claim: script!(settings, "claim.lua"),
            renew: script!(settings, "renew.lua"),
            release: script!(settings, "release.lua"),
            lock: script!(settings, "lock.lua"),
            hint: script!(settings, "hint.lua"),
            put: script!(settings, "put.lua"),
            entries: Script::new(format!("{READS}{}", include_str!("../scripts/entries.lua"))),
        }
    }
}

impl Script {
    fn new(source: String) -> Self {
        Self {
            digest: Source::new(&source).get_hash().to_owned(),
            source,
        }
    }

    /// Begins a call.
    pub(crate) fn call(&self, keys: &[String]) -> Call<'_> {
        Call {
            script: self,
            keys: keys.len(),
            arguments: keys.iter().map(|key| key.clone().into_bytes()).collect(),
        }
    }
}

/// A call of a script: its keys, then its arguments.
pub(crate) struct Call<'a> {
    script: &'a Script,
    keys: usize,
    arguments: Vec<Vec<u8>>,
}

impl Call<'_> {
    pub(crate) fn arg(mut self, argument: impl Into<Vec<u8>>) -> Self {
        self.push(argument);
        self
    }

    pub(crate) fn number(self, number: impl Into<u128>) -> Self {
        let number: u128 = number.into();
        self.arg(number.to_string())
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.arg(if flag { "1" } else { "0" })
    }

    pub(crate) fn push(&mut self, argument: impl Into<Vec<u8>>) {
        self.arguments.push(argument.into());
    }

    /// By digest: what is usually sent.
    pub(crate) fn short(&self) -> Cmd {
        self.command("EVALSHA", &self.script.digest)
    }

    /// By its text: for a server that does not know it (a new one, or one that was restarted). It does afterwards.
    pub(crate) fn long(&self) -> Cmd {
        self.command("EVAL", &self.script.source)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = cmd(name);
        command.arg(script).arg(self.keys);
        for argument in &self.arguments {
            command.arg(argument.as_slice());
        }
        command
    }
}
