//! Captions.

use bytes::Bytes;
use lorikeet_media::samples;
use lorikeet_training::Trigger;

use super::CaptionHarness;
use super::stage::valid;
use crate::CaptionRequest;

fn request(class_word: &str) -> CaptionRequest {
    let picture = samples::picture(1, 256, 256);
    CaptionRequest {
        image: Bytes::from(samples::jpeg(&picture, 90)),
        trigger: valid(Trigger::parse("mycat")),
        class_word: class_word.to_owned(),
    }
}

pub async fn a_captioner_has_a_name<H: CaptionHarness>() {
    let harness = H::open().await;
    let id = harness.captioner().id();
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(!id.is_empty() && id.chars().all(word), "{id:?}");
}

/// The words of a caption are none of the trigger word's.
async fn assert_caption<H: CaptionHarness>(class_word: &str) {
    let harness = H::open().await;
    let captioned = harness.captioner().caption(&request(class_word)).await;
    let caption = match captioned {
        Ok(caption) => caption,
        Err(error) => panic!("{class_word:?}: {error}"),
    };
    let line = caption.as_str();
    assert_eq!(line.lines().count(), 1, "{line:?}");
    let mut words = line.split(|c: char| !c.is_alphanumeric());
    let trigger = words.find(|word| word.to_lowercase() == "mycat");
    assert_eq!(trigger, None, "{line:?}");
}

pub async fn a_caption_is_one_line_without_the_trigger_word<H: CaptionHarness>() {
    assert_caption::<H>("cat").await;
    assert_caption::<H>("two\r\nlines").await;
}

pub async fn a_class_word_that_is_the_trigger_word_is_left_out<H: CaptionHarness>() {
    assert_caption::<H>("mycat cat").await;
    assert_caption::<H>("cat, MyCat").await;
}

pub async fn a_missing_class_word_is_no_reason_to_retry<H: CaptionHarness>() {
    let harness = H::open().await;
    for class_word in ["", "  ", "mycat"] {
        // Some see what it is; who needs to be told says so for good.
        if let Err(error) = harness.captioner().caption(&request(class_word)).await {
            assert!(!error.retryable, "{class_word:?}");
            assert!(!error.message.is_empty());
        }
    }
}

pub async fn a_broken_picture_is_no_reason_to_retry<H: CaptionHarness>() {
    let harness = H::open().await;
    let broken = CaptionRequest {
        image: Bytes::from_static(b"not a picture"),
        ..request("cat")
    };
    if let Err(error) = harness.captioner().caption(&broken).await {
        assert!(!error.retryable);
        assert!(!error.message.is_empty());
    }
}
