//! The loop around a turn: read what it asks for, run it again.

use async_trait::async_trait;
use lorikeet_chat::Event;

use crate::{Context, Dialog, Domain, Session, Turn, Unread};

/// Most queries one turn may need; more means that two of its functions ask in circles.
const MAX_READS: usize = 32;

/// Answers queries, reading only.
#[async_trait]
pub trait Reader<D: Domain>: Send + Sync {
    /// The answer to one query, as the person of the context may see it.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn read(&self, query: &D::Query, context: &Context<D>) -> Result<D::Answer, ReadError>;
}

/// Of nothing, nothing is read.
#[async_trait]
impl Reader<()> for () {
    async fn read(
        &self,
        query: &std::convert::Infallible,
        _: &Context<()>,
    ) -> Result<(), ReadError> {
        match *query {}
    }
}

/// A query that could not be answered.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// Whether to try again.
    pub retryable: bool,
    /// What happened, for the log.
    pub message: String,
}

/// A turn that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A query could not be answered.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The turn asks for ever more.
    #[error("the turn needed more than {MAX_READS} reads")]
    TooManyReads,
}

/// Runs one turn, reading what it needs. `generation` is that of the turn's lease.
///
/// # Errors
/// When a read fails.
pub async fn run<D: Domain>(
    dialog: &Dialog<D>,
    session: &Session,
    event: &Event,
    generation: u64,
    mut context: Context<D>,
    reader: &dyn Reader<D>,
) -> Result<Turn, RunError> {
    for _ in 0..=MAX_READS {
        match dialog.turn(session.clone(), event, generation, &context) {
            Ok(turn) => return Ok(turn),
            Err(Unread(query)) => {
                let answer = reader.read(&query, &context).await?;
                context.learn(query, answer);
            }
        }
    }
    Err(RunError::TooManyReads)
}

/// What could be typed after a command, by what is there of it: what begins with that, then what has it inside, in the order they
/// are kept. Case does not count.
///
/// # Errors
/// When a read fails.
pub async fn suggest<D: Domain>(
    dialog: &Dialog<D>,
    (command, typed): (&str, &str),
    mut context: Context<D>,
    reader: &dyn Reader<D>,
) -> Result<Vec<String>, RunError> {
    let Some(suggest) = dialog.suggestions.get(command) else {
        return Ok(Vec::new());
    };
    for _ in 0..=MAX_READS {
        match suggest(&context) {
            Ok(all) => return Ok(matching(all, typed)),
            Err(Unread(query)) => {
                let answer = reader.read(&query, &context).await?;
                context.learn(query, answer);
            }
        }
    }
    Err(RunError::TooManyReads)
}

fn matching(all: Vec<String>, typed: &str) -> Vec<String> {
    let typed = typed.trim().to_lowercase();
    let (begin, others): (Vec<String>, Vec<String>) = all
        .into_iter()
        .filter(|known| known.to_lowercase().contains(&typed))
        .partition(|known| known.to_lowercase().starts_with(&typed));
    begin.into_iter().chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn what_begins_with_what_is_typed_comes_first() {
        let all = || ["Sea birds", "Birds", "Cats"].map(str::to_owned).to_vec();
        assert_eq!(matching(all(), " bI"), ["Birds", "Sea birds"]);
        assert_eq!(matching(all(), ""), all());
        assert_eq!(matching(all(), "dog"), [""; 0]);
    }
}
