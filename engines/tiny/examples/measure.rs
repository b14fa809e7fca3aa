//! Trains a LoRA on drawings of one kind and prints the measures that docs/tiny.md records.
//!
//! `cargo run --release -p lorikeet-tiny --example measure -- [steps] [directory for sheets]`

#![expect(clippy::print_stdout, reason = "a command line program")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use lorikeet_tiny::{
    About, BaseModel, Item, Lora, Picture, Settings, Trainer, draw_lorikeets, grid,
    nearest_distance, sample, write_lora,
};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let steps = arguments.next().map_or(Ok(1000), |steps| steps.parse())?;
    let directory = arguments.next().map(PathBuf::from);

    let items: Vec<_> = draw_lorikeets(1, 12)
        .into_iter()
        .map(|drawing| Item {
            picture: drawing.picture,
            caption: format!("lorkit, {}", drawing.caption),
        })
        .collect();
    let dataset: Vec<_> = items.iter().map(|item| item.picture.clone()).collect();
    let prompts: Vec<&str> = items
        .iter()
        .take(8)
        .map(|item| item.caption.as_str())
        .collect();

    let base = Arc::new(BaseModel::shipped()?);
    let settings = Settings {
        steps,
        ..Settings::default()
    };
    let mut trainer = Trainer::new(Arc::clone(&base), settings, items.clone())?;
    let report = |name: &str, lora: Option<&Lora>, probe: f32| -> Result<Vec<Picture>> {
        let samples = sample(&base, lora, &prompts, 1)?;
        let distance = nearest_distance(&samples, &dataset);
        println!("{name}: nearest-neighbour RMSE {distance:.3}, probe loss {probe:.3}");
        Ok(samples)
    };
    let save = |name: &str, pictures: &[Picture]| -> Result<()> {
        if let Some(directory) = &directory {
            let path = directory.join(format!("{name}.png"));
            grid(pictures, 4, 128)
                .save(&path)
                .with_context(|| path.display().to_string())?;
        }
        Ok(())
    };
    save("dataset", &dataset)?;
    save("step-0", &report("step 0", None, trainer.probe()?)?)?;
    let mut seconds = 0.0;
    while !trainer.is_done() {
        let start = Instant::now();
        let step = trainer.step()?;
        seconds += start.elapsed().as_secs_f32();
        if step.step % 250 == 0 || trainer.is_done() {
            let name = format!("step {}", step.step);
            let samples = report(&name, Some(&trainer.lora()), trainer.probe()?)?;
            save(&name.replace(' ', "-"), &samples)?;
            let each = 1000.0 * seconds / step.step as f32;
            println!("  smoothed loss {:.3}, {each:.1} ms a step", step.smoothed);
        }
    }
    let start = Instant::now();
    trainer.sample(&prompts, 1)?;
    println!("8 samples in {:.2} s", start.elapsed().as_secs_f32());
    println!("checkpoint {} kB", trainer.checkpoint()?.len() / 1000);
    let file = write_lora(&trainer.lora(), &base, &About::default())?;
    println!("LoRA file {} kB", file.len() / 1000);
    Ok(())
}
