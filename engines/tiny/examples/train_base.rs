//! Trains the base model that ships with the crate. See docs/tiny.md.
//!
//! `cargo run --release -p lorikeet-tiny --example train_base -- --minutes 40 --out base.safetensors`
//!
//! Writes the file anew every minute, and next to it a sheet of samples. With `--from FILE` it goes
//! on from the weights of an earlier file; give another `--seed` then, for other drawings.

#![expect(clippy::print_stdout, reason = "a command line program")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use lorikeet_tiny::{BaseTrainer, draw, grid};

const PROMPTS: [&str; 16] = [
    "a large red circle in the middle, white background",
    "a small blue star in the top left, yellow background",
    "a green triangle left of a purple square, beige background",
    "many pink and teal hearts, navy background",
    "black and white vertical stripes",
    "orange dots on cyan",
    "brown and beige wood",
    "blue and white clouds",
    "a smiling yellow face with black eyes, blue background",
    "a white house with a red roof, cyan background",
    "a pink flower with a yellow centre, green background",
    "a red bird with green wings on a branch, cyan background",
    "the head of a grey cat with green eyes, orange background",
    "a landscape with snowy mountains at sunset",
    "a landscape with the sea at day",
    "a green tree with red apples, white background",
];

struct Arguments {
    minutes: f32,
    out: PathBuf,
    seed: u64,
    threads: usize,
    from: Option<PathBuf>,
}

fn arguments() -> Result<Arguments> {
    let mut parsed = Arguments {
        minutes: 40.0,
        out: PathBuf::from("base.safetensors"),
        seed: 1,
        threads: 2,
        from: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--minutes" => parsed.minutes = value.parse()?,
            "--out" => parsed.out = value.into(),
            "--seed" => parsed.seed = value.parse()?,
            "--from" => parsed.from = Some(value.into()),
            "--threads" => parsed.threads = value.parse()?,
            _ => bail!("unknown argument {name}"),
        }
    }
    Ok(parsed)
}

fn main() -> Result<()> {
    let Arguments {
        minutes,
        out,
        seed,
        threads,
        from,
    } = arguments()?;
    let drawings: Vec<_> = (0..64).map(|index| draw(seed, index).picture).collect();
    grid(&drawings, 8, 128).save(out.with_extension("drawings.png"))?;

    let from = from.map(std::fs::read).transpose()?;
    let mut trainer = BaseTrainer::new(seed, threads, from.as_deref())?;
    let start = Instant::now();
    let total = Duration::from_secs_f32(minutes * 60.0);
    let (mut sum, mut count, mut saves) = (0.0, 0, 0);
    loop {
        let elapsed = start.elapsed();
        if elapsed >= total {
            break;
        }
        sum += trainer.step(elapsed.as_secs_f32() / total.as_secs_f32())?;
        count += 1;
        if count == 250 {
            let (steps, seconds) = (trainer.steps(), elapsed.as_secs());
            println!("step {steps} after {seconds} s: loss {:.4}", sum / 250.0);
            (sum, count) = (0.0, 0);
        }
        if elapsed.as_secs() / 60 > saves {
            saves = elapsed.as_secs() / 60;
            save(&trainer, &out)?;
        }
    }
    save(&trainer, &out)
}

fn save(trainer: &BaseTrainer, out: &Path) -> Result<()> {
    println!(
        "step {}: probe loss {:.4}",
        trainer.steps(),
        trainer.probe()?
    );
    // Renamed into place: an interrupted write leaves the last good file.
    let partial = out.with_extension("partial");
    std::fs::write(&partial, trainer.file()?)?;
    std::fs::rename(&partial, out)?;
    grid(&trainer.sample(&PROMPTS, 1)?, 4, 128).save(out.with_extension("samples.png"))?;
    Ok(())
}
