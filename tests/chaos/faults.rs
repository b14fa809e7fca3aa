//! What goes wrong, when: drawn from the seed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use lorikeet_fake_discord::Trouble;
use lorikeet_fake_telegram::Fault;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::fleet::{Fleet, Platforms, SIZE};
use lorikeet_tests::peers::Redis;
use lorikeet_tests::proxy::Line;

/// How often Redis is restarted at most: nobody gets anywhere meanwhile.
const RESTARTS: usize = 2;

/// What was done to them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Injected {
    kills: usize,
    stops: usize,
    /// Of those, the ones that did not end in good order.
    pub(crate) unruly: usize,
    pauses: usize,
    cuts: usize,
    slow: usize,
    dead: usize,
    restarts: usize,
    late: usize,
}

impl Injected {
    /// How often somebody may have been kept from writing down what had been sent.
    pub(crate) const fn breaks(&self) -> usize {
        self.kills + self.pauses + self.cuts + self.dead + self.restarts + self.unruly
    }
}

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} stops, {} pauses past the lease, {} lines cut, {} slow, {} dead, {} restarts of Redis, \
             {} late answers of the platforms",
            self.kills,
            self.stops,
            self.pauses,
            self.cuts,
            self.slow,
            self.dead,
            self.restarts,
            self.late
        )
    }
}

/// Breaks something every other second; one process at a time is left alone. Ends with everything whole.
pub(crate) async fn inject(
    seed: u64,
    fleet: Arc<Fleet>,
    redis: Arc<Redis>,
    Platforms {
        telegram, discord, ..
    }: Platforms,
    during: Duration,
) -> Result<Injected> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut injected = Injected::default();
    let mut repairs: JoinSet<Result<usize>> = JoinSet::new();
    let mut hurt = [false; SIZE];
    let until = Instant::now() + during;
    while Instant::now() < until {
        sleep(Duration::from_millis(random.random_range(1_000..3_000))).await;
        while let Some(repaired) = repairs.try_join_next() {
            hurt[repaired??] = false;
        }
        let what = random.random_range(0..100);
        let which = random.random_range(0..SIZE);
        let takes = Duration::from_millis(random.random_range(500..3_000));
        // Sent at once, and who sent it hears of it only later, if it is still there.
        let sends = ["sendMessage", "sendPhoto"][injected.late % 2];
        telegram.next_call(sends, Fault::Late(takes));
        // Done, and nobody is told so; or the connection is away.
        let calls = ["send", "edit", "answer"][injected.late % 3];
        discord.next_call(calls, lorikeet_fake_discord::Fault::DoneThenBadGateway);
        if injected.late.is_multiple_of(4) {
            discord.troubles(Trouble::Cut);
        }
        injected.late += 1;
        if what >= 92 {
            if injected.restarts < RESTARTS {
                injected.restarts += 1;
                redis.restart(takes).await?;
            }
            continue;
        }
        let others = hurt.iter().filter(|hurt| **hurt).count();
        if hurt[which] || others + 1 >= SIZE {
            continue;
        }
        hurt[which] = true;
        let fleet = Arc::clone(&fleet);
        match what {
            25..35 => {
                injected.stops += 1;
                let ended = fleet.processes[which].stop().await?;
                injected.unruly += usize::from(!ended);
                repairs.spawn(async move {
                    sleep(takes).await;
                    fleet.processes[which].launch()?;
                    Ok(which)
                });
            }
            0..25 => {
                injected.kills += 1;
                fleet.processes[which].kill();
                repairs.spawn(async move {
                    sleep(takes).await;
                    fleet.processes[which].launch()?;
                    Ok(which)
                });
            }
            35..55 => {
                injected.pauses += 1;
                fleet.processes[which].signal("STOP")?;
                repairs.spawn(async move {
                    // Longer than a lease: whoever wakes up has lost every right.
                    sleep(Duration::from_secs(11) + takes).await;
                    fleet.processes[which].signal("CONT")?;
                    Ok(which)
                });
            }
            _ => {
                let (line, count) = match what {
                    55..70 => (Line::Cut, &mut injected.cuts),
                    70..82 => (
                        Line::Slow(Duration::from_millis(random.random_range(50..600))),
                        &mut injected.slow,
                    ),
                    _ => (Line::Dead, &mut injected.dead),
                };
                *count += 1;
                fleet.processes[which].line.set(line);
                repairs.spawn(async move {
                    sleep(takes * 2).await;
                    fleet.processes[which].line.set(Line::Fine);
                    Ok(which)
                });
            }
        }
    }
    while let Some(repaired) = repairs.join_next().await {
        repaired??;
    }
    Ok(injected)
}
