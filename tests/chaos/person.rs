//! What people do, whatever they come by: they make LoRAs, one after the other.

use std::time::Duration;

use anyhow::Result;
use lorikeet_media::samples;

/// After so long without what should come, somebody is stuck: several leases and the longest pause.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);
/// How many pictures go into a LoRA.
pub(crate) const PICTURES: usize = 4;

/// The pictures of each LoRA.
pub(crate) fn pictures() -> Vec<Vec<u8>> {
    (0..PICTURES as u64)
        .map(|number| samples::jpeg(&samples::picture(number, 320, 288), 80))
        .collect()
}

/// What came of a person's work.
pub(crate) struct Done {
    pub(crate) name: String,
    /// LoRAs that should be there, and whether each should have a run.
    pub(crate) loras: Vec<(String, bool)>,
    /// What they said, in order.
    pub(crate) said: Vec<String>,
    /// What of it stands in the log at the end, where the bot keeps one.
    pub(crate) log: Option<Vec<String>>,
    /// Why they could not go on.
    pub(crate) stuck: Option<String>,
    /// Messages, presses and files that a process accepted.
    pub(crate) sent: usize,
    /// Deliveries of the same once more.
    pub(crate) redelivered: usize,
    /// Deliveries that got no answer, or none that counts, and were repeated.
    pub(crate) repeated: usize,
}

impl Done {
    pub(crate) fn of(number: usize) -> Self {
        Self {
            name: format!("person {number}"),
            loras: Vec::new(),
            said: Vec::new(),
            log: None,
            stuck: None,
            sent: 0,
            redelivered: 0,
            repeated: 0,
        }
    }
}

pub(crate) enum Act<'a> {
    Says(&'a str),
    Sends(usize),
    Presses(&'a str),
}

impl Act<'_> {
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Says(words) => format!("saying “{words}”"),
            Self::Sends(picture) => format!("sending picture {picture}"),
            Self::Presses(label) => format!("pressing “{label}”"),
        }
    }
}

/// What somebody comes by.
pub(crate) trait Face: Send + Sized {
    fn done(&mut self) -> &mut Done;

    /// Comes to the bot and waits for what it shows first.
    fn comes(&mut self, expected: &str) -> impl Future<Output = Result<()>> + Send;

    /// Does something and waits for what should come of it.
    fn does(&mut self, act: Act<'_>, expected: &str) -> impl Future<Output = Result<()>> + Send;

    /// When all is over.
    fn goes(self) -> impl Future<Output = Done> + Send;
}

/// Makes so many LoRAs, one after the other.
pub(crate) async fn makes(mut face: impl Face, loras: usize) -> Done {
    if let Err(error) = work(&mut face, loras).await {
        let done = face.done();
        done.stuck = Some(format!("{}: {error:#}", done.name));
    }
    face.goes().await
}

async fn work(face: &mut impl Face, loras: usize) -> Result<()> {
    face.comes("Train a LoRA").await?;
    for number in 0..loras {
        let name = format!("LoRA {number} of {}", face.done().name);
        // The last one is trained, a little.
        let trains = number + 1 == loras;
        face.done().loras.push((name.clone(), trains));
        face.does(Act::Presses("Train a LoRA"), "A new LoRA")
            .await?;
        face.does(Act::Says(&name), "0 of 20").await?;
        for picture in 0..PICTURES {
            let count = format!("{} of 20", picture + 1);
            face.does(Act::Sends(picture), &count).await?;
        }
        face.does(Act::Presses("Continue"), "What does it show?")
            .await?;
        for caption in 1..=2 {
            let words = format!("caption {caption} of {name}");
            let count = format!("{caption} with captions");
            face.does(Act::Says(&words), &count).await?;
        }
        face.does(Act::Presses("Skip captions"), "How thoroughly")
            .await?;
        face.does(Act::Presses("Continue"), "This is what will be trained")
            .await?;
        if trains {
            face.does(Act::Presses("Start training"), "Stop training")
                .await?;
            face.does(Act::Presses("Stop it"), "stopped").await?;
        }
        face.does(Act::Says("/start"), "Train a LoRA").await?;
    }
    Ok(())
}
