//! A rendering as a whole.

use std::cell::Cell;

use lorikeet_chat::Stamp;

use super::{Case, cases, run};
use crate::told::each;
use crate::walk::Walk;
use crate::{Rendering, rooms, screens};

/// Any screen, any room, even one that takes nothing at all, any page, even one of a screen that is no longer there.
pub fn nothing_panics<R: Rendering>() -> Result<(), String> {
    let strategy = (
        screens::crowded(),
        screens::screen(),
        screens::stamp(),
        rooms::anything(),
    );
    run(strategy, |(past, mut screen, stamp, room)| {
        if room.text.message < 100 {
            // A message for each of ten thousand characters shows no more than one for each of some hundreds.
            each(&mut screen, &mut |_, _, text| {
                *text = text.chars().take(300).collect()
            });
        }
        let first = R::render(&past, stamp, &room, &R::Page::default());
        let turns = first.messages.iter().flat_map(R::turns).take(2);
        for page in std::iter::once(R::Page::default()).chain(turns) {
            for message in R::render(&screen, stamp, &room, &page).messages {
                // Reading is the tests' own, and total as well.
                let _ = (
                    R::targets(&message),
                    R::texts(&message),
                    R::skeleton(&message),
                );
            }
        }
        Ok(())
    })
}

/// Every message of every page is one that the platform takes, and there is at least one.
pub fn messages_keep_the_limits<R: Rendering>() -> Result<(), String> {
    run(
        super::menus::<R>(),
        |Case {
             screen,
             stamp,
             room,
         }| {
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            for (page, rendered) in &walk.pages {
                if rendered.messages.is_empty() {
                    return Err(format!("page {page:?} has no message"));
                }
                for message in &rendered.messages {
                    R::check(message, &room).map_err(|why| format!("page {page:?}: {why}"))?;
                }
            }
            Ok(())
        },
    )
}

/// The same screen in the same room is the same to the byte.
pub fn rendering_is_deterministic<R: Rendering>() -> Result<(), String> {
    run(
        cases::<R>(screens::screen()),
        |Case {
             screen,
             stamp,
             room,
         }| {
            let render = || R::render(&screen.clone(), stamp, &room.clone(), &R::Page::default());
            let (once, again) = (render(), render());
            if once == again {
                Ok(())
            } else {
                Err(format!("once {once:?}, then {again:?}"))
            }
        },
    )
}

/// What the platform's best room has place for is shown without a loss, and nothing is said to be lost.
pub fn what_fits_is_not_degraded<R: Rendering>() -> Result<(), String> {
    let (tried, meant) = (Cell::new(0_u32), Cell::new(0_u32));
    run(screens::modest(), |screen| {
        tried.set(tried.get() + 1);
        if !R::as_meant(&screen) {
            return Ok(());
        }
        meant.set(meant.get() + 1);
        let room = R::best_room();
        let lost = R::render(&screen, Stamp::default(), &room, &R::Page::default()).degradations;
        if lost.is_empty() {
            Ok(())
        } else {
            Err(format!("{lost:?}"))
        }
    })?;
    // A renderer that means nothing as it is said would pass unseen.
    if meant.get() < tried.get() / 20 {
        return Err(format!(
            "only {} of {} screens are shown as meant",
            meant.get(),
            tried.get()
        ));
    }
    Ok(())
}
