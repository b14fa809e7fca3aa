//! The services behind the flows as the runtime's workers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::Background;
use lorikeet_engine::CaptionService;
use lorikeet_media::picture::{self, DHash, Limits};
use lorikeet_media::{Blobs, Ingested, Intake, IntakeError, pack};
use lorikeet_runtime::{
    IntakeItem, IntakeOutcome, IntakeReport, IntakeWorker, Job, WorkError, Worker, intake_failed,
};
use lorikeet_store::Clock;
use lorikeet_training::wire::{
    self, Arrived, Entry, LoraRequest, Mend, Outcome, Part, PictureNews, PictureRequest, Ticket,
};
use lorikeet_training::{Asker, Caption, Picture, Problem, RepositoryError, Service, ServiceError};
use serde_json::Value;

use crate::blobs::Unused;

/// Changes LoRAs.
pub(crate) struct Loras {
    pub(crate) service: Service,
    pub(crate) unused: Unused,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Starts and stops runs.
pub(crate) struct Runs {
    pub(crate) service: Service,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Joins identities.
pub(crate) struct Accounts {
    pub(crate) service: Service,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Writes captions.
pub(crate) struct Captions(pub(crate) CaptionService);

/// Makes other pictures of those there are, and archives of them.
pub(crate) struct Made {
    pub(crate) intake: Intake,
    pub(crate) blobs: Blobs,
    pub(crate) limits: Limits,
}

/// Takes pictures in, in the feature's words.
pub(crate) struct Pictures(pub(crate) IntakeWorker);

fn failed(error: ServiceError) -> WorkError {
    match error {
        ServiceError::Later(after) => WorkError::retry(after, "busy", "not yet"),
        ServiceError::Records(error) => records(error),
        ServiceError::Request => WorkError::permanent("malformed", "the request cannot be read"),
    }
}

fn records(error: RepositoryError) -> WorkError {
    let code = if error.no_space {
        "no_space"
    } else {
        "records"
    };
    if error.retryable {
        WorkError::retry(Duration::ZERO, code, error.message)
    } else {
        WorkError::permanent(code, error.message)
    }
}

#[async_trait]
impl Worker for Loras {
    fn service(&self) -> &str {
        wire::LORAS
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let asker = Asker {
            conversation: job.conversation,
            key: job.effect.as_str(),
            now: self.clock.now(),
        };
        let deleted = match serde_json::from_value(job.request.clone()) {
            Ok(LoraRequest::Delete { lora }) => Some(lora),
            _ => None,
        };
        let candidates = match &deleted {
            Some(lora) => self.unused.candidates(lora).await.map_err(records)?,
            None => Vec::new(),
        };
        let answer = self
            .service
            .loras(&asker, job.request)
            .await
            .map_err(failed)?;
        self.unused.drop_unused(candidates).await;
        Ok(answer)
    }
}

#[async_trait]
impl Worker for Runs {
    fn service(&self) -> &str {
        wire::RUNS
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let asker = Asker {
            conversation: job.conversation,
            key: job.effect.as_str(),
            now: self.clock.now(),
        };
        self.service.runs(&asker, job.request).await.map_err(failed)
    }
}

#[async_trait]
impl Worker for Accounts {
    fn service(&self) -> &str {
        wire::ACCOUNTS
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let asker = Asker {
            conversation: job.conversation,
            key: job.effect.as_str(),
            now: self.clock.now(),
        };
        let mut random = [0; 5];
        getrandom::fill(&mut random).map_err(|error| {
            let message = format!("the operating system gives no random numbers: {error}");
            WorkError::retry(Duration::ZERO, "random", message)
        })?;
        let done = self.service.accounts(&asker, job.request, random);
        done.await.map_err(failed)
    }
}

#[async_trait]
impl Worker for Captions {
    fn service(&self) -> &str {
        wire::CAPTIONS
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let request = serde_json::from_value(job.request.clone())
            .map_err(|_| WorkError::permanent("malformed", "the request cannot be read"))?;
        Ok(Some(self.0.caption(request).await.into()))
    }
}

#[async_trait]
impl Worker for Made {
    fn service(&self) -> &str {
        wire::PICTURES
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let request = serde_json::from_value(job.request.clone())
            .map_err(|_| WorkError::permanent("malformed", "the request cannot be read"))?;
        let news = match request {
            PictureRequest::Mend { lora, image, how } => {
                let mended = self.intake.mend(&image, mend(how), &self.limits).await;
                let outcome = match mended {
                    Ok(Some(ingested)) => Ok(picture(String::new(), ingested)),
                    Ok(None) => Err(Problem::new("not-fetched")),
                    Err(IntakeError::Refused(refusal)) => Err(refused(&refusal)),
                    Err(error) => return Err(intake_failed(error)),
                };
                PictureNews::Mended {
                    lora,
                    image,
                    how,
                    outcome,
                }
            }
            PictureRequest::Pack {
                lora,
                name,
                pictures,
            } => {
                let packed = pack(&self.blobs, &pictures).await;
                let stored = packed.map_err(|error| intake_failed(error.into()))?;
                PictureNews::Packed {
                    lora,
                    blob: stored.id,
                    name: format!("{name}.zip"),
                    size: stored.size,
                }
            }
        };
        Ok(Some(news.into()))
    }
}

/// The feature's word in the media's.
const fn mend(how: Mend) -> picture::Mend {
    match how {
        Mend::Turn => picture::Mend::Turn,
        Mend::Trim => picture::Mend::Trim,
        Mend::Crop(Part::Start) => picture::Mend::Crop(picture::Part::Start),
        Mend::Crop(Part::Middle) => picture::Mend::Crop(picture::Part::Middle),
        Mend::Crop(Part::End) => picture::Mend::Crop(picture::Part::End),
    }
}

fn refused(refusal: &picture::Refusal) -> Problem {
    match serde_json::to_value(refusal) {
        Ok(Value::Object(details)) => problem(refusal.code(), details),
        _ => Problem::new(refusal.code()),
    }
}

#[async_trait]
impl Worker for Pictures {
    fn service(&self) -> &str {
        wire::INTAKE
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let Some(report) = self.0.perform(job).await? else {
            return Ok(None);
        };
        let malformed = |_| WorkError::permanent("malformed", "the intake's report cannot be read");
        let report: IntakeReport = serde_json::from_value(report.payload).map_err(malformed)?;
        let ticket: Ticket = serde_json::from_value(report.context).map_err(malformed)?;
        let outcome = outcome(report.items, report.is_archive);
        Ok(Some(Arrived { ticket, outcome }.into()))
    }
}

/// What came of a file that was sent. One that is an archive and was opened brings several; one that was not is refused as
/// a whole.
fn outcome(mut items: Vec<IntakeItem>, is_archive: bool) -> Outcome {
    let is_refused = |item: &IntakeItem| matches!(item.result, IntakeOutcome::Refused { .. });
    match items.pop() {
        Some(only) if items.is_empty() && (!is_archive || is_refused(&only)) => of_one(only),
        last => {
            items.extend(last);
            let entries = items.into_iter().map(|item| Entry {
                name: item.name.clone(),
                outcome: Box::new(of_one(item)),
            });
            Outcome::Unpacked(entries.collect())
        }
    }
}

fn of_one(item: IntakeItem) -> Outcome {
    match item.result {
        IntakeOutcome::Taken(ingested) => Outcome::Taken {
            picture: picture(item.name, ingested),
            // One that is too long is left out: the picture counts.
            caption: item.caption.and_then(|line| Caption::parse(&line).ok()),
        },
        IntakeOutcome::Refused { code, args } => Outcome::Refused(problem(&code, args)),
    }
}

fn picture(name: String, ingested: Ingested) -> Picture {
    let DHash(dhash) = ingested.dhash;
    let warnings = ingested
        .warnings
        .iter()
        .map(|warning| match serde_json::to_value(warning) {
            Ok(Value::Object(details)) => problem(warning.code(), details),
            _ => Problem::new(warning.code()),
        });
    Picture {
        image: ingested.image,
        thumbnail: ingested.thumbnail,
        original: ingested.original_hash,
        dhash,
        width: ingested.width,
        height: ingested.height,
        name,
        warnings: warnings.collect(),
    }
}

/// A verdict in the texts' words: numbers as they stand, limits in the units people know.
fn problem(code: &str, details: serde_json::Map<String, Value>) -> Problem {
    let mut details: BTreeMap<String, String> = details
        .into_iter()
        .filter(|(name, _)| name != "code")
        .map(|(name, value)| {
            (
                name,
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect();
    if let Some(limit) = details
        .get("limit")
        .and_then(|limit| limit.parse::<u64>().ok())
    {
        let name = if code == "too-many-pixels" {
            "limit_mp"
        } else {
            "limit_mb"
        };
        details.insert(name.to_owned(), (limit / 1_000_000).to_string());
    }
    if let Some(format) = details.get_mut("format") {
        *format = format.to_uppercase().replace('_', " ");
    }
    Problem {
        code: code.to_owned(),
        details,
    }
}

#[cfg(test)]
mod tests {
    use lorikeet_media::picture::Refusal;
    use lorikeet_runtime::{IntakeItem, IntakeOutcome};
    use lorikeet_training::wire::Outcome;
    use serde_json::Value;

    use super::outcome;

    fn report(refusal: &Refusal) -> Vec<IntakeItem> {
        let Ok(Value::Object(args)) = serde_json::to_value(refusal) else {
            panic!("not an object")
        };
        let result = IntakeOutcome::Refused {
            code: refusal.code().to_owned(),
            args,
        };
        vec![IntakeItem {
            name: "a.png".to_owned(),
            caption: None,
            result,
        }]
    }

    #[test]
    fn limits_come_in_the_units_people_know() {
        let bomb = Refusal::TooManyPixels {
            width: 10_000,
            height: 6_000,
            limit: 50_000_000,
        };
        let Outcome::Refused(problem) = outcome(report(&bomb), false) else {
            panic!("not refused")
        };
        assert_eq!(problem.code, "too-many-pixels");
        assert_eq!(
            problem.details.get("limit_mp").map(String::as_str),
            Some("50")
        );
        assert_eq!(
            problem.details.get("width").map(String::as_str),
            Some("10000")
        );
        let Outcome::Refused(problem) = outcome(
            report(&Refusal::TooManyBytes {
                size: 9,
                limit: 20_000_000,
            }),
            false,
        ) else {
            panic!("not refused")
        };
        assert_eq!(
            problem.details.get("limit_mb").map(String::as_str),
            Some("20")
        );
    }
}
