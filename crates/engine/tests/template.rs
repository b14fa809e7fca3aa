//! The template passes the captioners' suite.

use async_trait::async_trait;
use bytes::Bytes;
use lorikeet_engine::conformance::CaptionHarness;
use lorikeet_engine::{CaptionRequest, Captioner, TemplateCaptioner};
use lorikeet_training::Trigger;

struct Template;

#[async_trait]
impl CaptionHarness for Template {
    async fn open() -> Self {
        Self
    }

    fn captioner(&self) -> &dyn Captioner {
        &TemplateCaptioner
    }
}

lorikeet_engine::caption_conformance!(Template);

#[tokio::test]
async fn the_caption_is_the_class_word() {
    let request = |class_word: &str| CaptionRequest {
        image: Bytes::new(),
        trigger: Trigger::parse("mycat").unwrap(),
        class_word: class_word.to_owned(),
    };
    let caption = async |word: &str| {
        let captioned = TemplateCaptioner.caption(&request(word)).await;
        captioned.map(String::from).map_err(|e| e.retryable)
    };
    assert_eq!(caption("  black \n cat ").await, Ok("black cat".to_owned()));
    assert_eq!(caption("a mycat, cat").await, Ok("a cat".to_owned()));
    assert_eq!(caption("").await, Err(false));
    assert_eq!(caption(" mycat ").await, Err(false));
}
