//! The simplest captioner: every picture gets the class word.

use async_trait::async_trait;
use lorikeet_training::Caption;

use crate::{CaptionError, CaptionRequest, Captioner};

/// Captions every picture with the class word, so that training reads "trigger, class word".
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateCaptioner;

#[async_trait]
impl Captioner for TemplateCaptioner {
    fn id(&self) -> &str {
        "template"
    }

    async fn caption(&self, request: &CaptionRequest) -> Result<Caption, CaptionError> {
        // The trigger word is put in front of every caption anyway; twice would only teach the comma.
        let trigger = request.trigger.as_str().to_lowercase();
        let words: Vec<&str> = request
            .class_word
            .split_whitespace()
            .filter(|word| bare(word).to_lowercase() != trigger)
            .collect();
        Caption::parse(&words.join(" ")).map_err(|_| CaptionError {
            retryable: false,
            message: "The template needs a class word, such as cat or house.".to_owned(),
        })
    }
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
}
