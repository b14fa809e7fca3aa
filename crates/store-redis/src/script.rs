//! The scripts, and how one is called.

use std::fmt;

use lorikeet_store::{LEASE, Limits, ORDERED_MEMORY};
use redis::{Arg, Cmd, RedisWrite as _, Script as Source, cmd};

/// Has Redis refuse the whole script when it is out of memory, instead of failing at the first write.
const WRITES: &str = "#!lua\n";
const READS: &str = "#!lua flags=no-writes\n";

/// Room for a call as calls usually are: a commit with a screen has some 25 arguments of 3 kB together.
const ARGUMENTS: usize = 32;
const BYTES: usize = 4_096;

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
    pub(crate) fn call<K: fmt::Display>(&self, keys: &[K]) -> Call<'_> {
        let mut command = Cmd::with_capacity(ARGUMENTS, BYTES);
        command.arg("EVALSHA").arg(&self.digest).arg(keys.len());
        let mut call = Call {
            script: self,
            command,
        };
        for key in keys {
            call.push(key);
        }
        call
    }
}

/// A call of a script: its keys, then its arguments.
pub(crate) struct Call<'a> {
    script: &'a Script,
    /// By digest: what is usually sent.
    pub(crate) command: Cmd,
}

impl Call<'_> {
    pub(crate) fn arg(mut self, argument: impl fmt::Display) -> Self {
        self.push(argument);
        self
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.arg(if flag { "1" } else { "0" })
    }

    pub(crate) fn push(&mut self, argument: impl fmt::Display) {
        self.command.write_arg_fmt(argument);
    }

    /// By its text: for a server that does not know it (a new one, or one that was restarted). It does afterwards.
    pub(crate) fn long(&self) -> Cmd {
        let mut command = cmd("EVAL");
        command.arg(&self.script.source);
        for argument in self.command.args_iter().skip(2) {
            if let Arg::Simple(argument) = argument {
                command.arg(argument);
            }
        }
        command
    }
}
