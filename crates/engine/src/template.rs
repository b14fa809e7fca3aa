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
        Caption::parse(&request.class_word).map_err(|_| CaptionError {
            retryable: false,
            message: "The template needs a class word, such as cat or house.".to_owned(),
        })
    }
}
