//! Sessions this process committed, so that a turn that follows need not read them again.
//!
//! A session is known by the commit that wrote it: the turn's generation, which is given only once, and its version. Redis
//! compares the last commit of the conversation with ours and sends the session only when they differ, so what is cached
//! can be old, but never wrong.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes of sessions kept at most: some ten thousand of the usual 2 kB.
const BYTES: u64 = 32 << 20;
/// What an entry takes besides its texts.
const OVERHEAD: usize = 128;

/// A session as one commit left it.
pub(crate) struct Session {
    /// `generation:version`, as the script of a commit notes it.
    commit: String,
    pub(crate) text: String,
}

impl Session {
    pub(crate) fn new(generation: u64, version: u64, text: String) -> Self {
        let commit = format!("{generation}:{version}");
        Self { commit, text }
    }

    pub(crate) fn commit(&self) -> &str {
        &self.commit
    }
}

/// The sessions of many conversations, by the conversation's name.
pub(crate) struct Sessions(Cache<String, Arc<Session>, Bytes>);

impl Sessions {
    pub(crate) fn new() -> Self {
        let usual = BYTES / 2_500;
        Self(Cache::with_weighter(usual as usize, BYTES, Bytes))
    }

    pub(crate) fn get(&self, conversation: &str) -> Option<Arc<Session>> {
        self.0.get(conversation)
    }

    pub(crate) fn keep(&self, conversation: &str, session: Session) {
        self.0.insert(conversation.to_owned(), Arc::new(session));
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<Session>> for Bytes {
    fn weight(&self, conversation: &String, session: &Arc<Session>) -> u64 {
        (conversation.len() + session.commit.len() + session.text.len() + OVERHEAD) as u64
    }
}
