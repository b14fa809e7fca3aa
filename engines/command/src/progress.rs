//! How far a program is, by what it prints: bars of tqdm, which overwrite one another, or lines of a form.

use crate::profile::Speech;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) step: u32,
    pub(crate) total: u32,
    /// Smoothed by the program; none where it does not say.
    pub(crate) loss: Option<f64>,
    /// Steps a second; none where it does not say.
    pub(crate) speed: Option<f64>,
}

/// Reads what a program prints, in pieces of any size.
#[derive(Debug)]
pub(crate) struct Reader {
    speech: Speech,
    /// Steps in all, which tell the bar of the training from others.
    steps: u32,
    rest: Vec<u8>,
}

/// A segment that is longer is none of a bar's.
const LONGEST: usize = 4_096;

impl Reader {
    pub(crate) const fn new(speech: Speech, steps: u32) -> Self {
        Self {
            speech,
            steps,
            rest: Vec::new(),
        }
    }

    /// Reads on; the last of the steps that were told.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Option<Step> {
        let mut last = None;
        for byte in bytes {
            if matches!(byte, b'\r' | b'\n') {
                let segment = std::mem::take(&mut self.rest);
                last = self.segment(&String::from_utf8_lossy(&segment)).or(last);
            } else if self.rest.len() < LONGEST {
                self.rest.push(*byte);
            }
        }
        last
    }

    fn segment(&self, text: &str) -> Option<Step> {
        let step = match &self.speech {
            Speech::Bars => bar(text)?,
            Speech::Lines(form) => line(text, form, self.steps)?,
        };
        // Other bars (latents, captions, samples) count other things.
        (step.total == self.steps && step.step <= step.total).then_some(step)
    }
}

/// `steps:  33%|███▎      | 10/30 [00:20<00:40,  2.01s/it, avr_loss=1.13]`, whatever is logged behind it.
fn bar(text: &str) -> Option<Step> {
    let (_, rest) = text.split_once('%')?;
    let (_, rest) = rest.strip_prefix('|')?.split_once('|')?;
    let (count, rest) = rest.split_once('[')?;
    let (step, total) = count.trim().split_once('/')?;
    let inside = rest.split(']').next()?;
    let rate = inside.split([',', ' ']).find_map(|part| {
        let number = |unit: &str| {
            part.strip_suffix(unit)
                .and_then(|number| number.parse::<f64>().ok())
        };
        number("it/s").or_else(|| number("s/it").filter(|n| *n > 0.0).map(|n| 1.0 / n))
    });
    Some(Step {
        step: step.trim().parse().ok()?,
        total: total.trim().parse().ok()?,
        loss: loss(inside),
        speed: rate.filter(|rate| rate.is_finite()),
    })
}

/// `avr_loss=1.13`, `loss: 3.9e-01`.
fn loss(text: &str) -> Option<f64> {
    let at = text.find("loss")?;
    let rest = text[at + "loss".len()..].trim_start_matches(['=', ':', ' ']);
    let number = rest.split([',', ' ', ']']).next()?;
    number.parse().ok().filter(|loss: &f64| loss.is_finite())
}

/// A line with `form` in it; what it does not say of the steps in all is as it was asked for.
fn line(text: &str, form: &str, steps: u32) -> Option<Step> {
    let (before, rest) = form.split_once("{step}")?;
    let (between, after) = match rest.split_once("{steps}") {
        Some((between, after)) => (Some(between), after),
        None => (None, rest),
    };
    let at = text.find(before)? + before.len();
    let (step, text) = whole(&text[at..])?;
    let (total, text) = match between {
        Some(between) => whole(text.strip_prefix(between)?)?,
        None => (steps, text),
    };
    text.starts_with(after.trim_end()).then(|| Step {
        step,
        total,
        loss: loss(text),
        speed: None,
    })
}

fn whole(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(speech: &Speech, steps: u32, printed: &str) -> Vec<(u32, Option<f64>, Option<f64>)> {
        // In pieces of every size, also inside of characters.
        let mut all = Vec::new();
        for size in [1, 7, 64, 4_096] {
            let mut reader = Reader::new(speech.clone(), steps);
            let pieces = printed.as_bytes().chunks(size);
            let mut said: Vec<_> = pieces.filter_map(|piece| reader.read(piece)).collect();
            said.dedup();
            let said: Vec<_> = said.iter().map(|s| (s.step, s.loss, s.speed)).collect();
            if size == 1 {
                all = said;
            } else if let (Some(last), Some(other)) = (all.last(), said.last()) {
                assert_eq!(last, other);
            }
        }
        all
    }

    #[test]
    fn bars_of_kohya() {
        let printed = "caching latents.\n100%|██████████| 4/4 [00:01<00:00,  2.10it/s]\r\nepoch 1/3\n\
            steps:   0%|          | 0/30 [00:00<?, ?it/s]\r\
            steps:  33%|███▎      | 10/30 [00:20<00:40,  2.01s/it, avr_loss=1.13]\r\
            steps:  33%|███▎      | 10/30 [00:20<00:40,  2.01s/it, avr_loss=1.13]saving checkpoint: /x/lora-step00000010.safetensors\n\
            steps:  37%|███▋      | 11/30 [00:21<00:39,  1.50it/s, avr_loss=nan]\r";
        let said = told(&Speech::Bars, 30, printed);
        assert_eq!(said[0], (0, None, None));
        let (step, loss, speed) = said[1];
        assert_eq!((step, loss), (10, Some(1.13)));
        assert!((speed.unwrap() - 1.0 / 2.01).abs() < 1e-9);
        assert_eq!(said[2], (11, None, Some(1.5)));
        assert_eq!(said.len(), 3);
    }

    #[test]
    fn bars_of_ai_toolkit() {
        let printed =
            "lora:  12%|█▎        | 250/2000 [05:00<35:00,  1.20s/it, lr: 1.0e-04 loss: 3.9e-01]\r";
        let said = told(&Speech::Bars, 2_000, printed);
        let (step, loss, speed) = said[0];
        assert_eq!((step, loss), (250, Some(0.39)));
        assert!((speed.unwrap() - 1.0 / 1.2).abs() < 1e-9);
    }

    #[test]
    fn lines_of_a_form() {
        let form = Speech::Lines("step {step}/{steps}".to_owned());
        let said = told(
            &form,
            40,
            "hello\nstep 1/40 loss=0.5\nstep x/40\nstep 2/40, loss: 0.25\n",
        );
        assert_eq!(said, [(1, Some(0.5), None), (2, Some(0.25), None)]);
        let form = Speech::Lines("it {step} ".to_owned());
        assert_eq!(told(&form, 40, "it 7 done\n"), [(7, None, None)]);
    }

    #[test]
    fn garbage_says_nothing() {
        let long = format!("{}\r", "█".repeat(100_000));
        for odd in [
            "%|",
            "%|█|[",
            "5%|█| 9/3 [",
            "5%|█| 99999999999/3 [00:00]\r",
            "\u{0}\n",
            &long,
        ] {
            assert_eq!(
                told(&Speech::Bars, 3, odd),
                [],
                "{}",
                &odd[..odd.len().min(20)]
            );
        }
    }
}
