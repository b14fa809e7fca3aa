//! Actions, links and pages.

use lorikeet_chat::{Control, Prompt, Screen};

use super::{Case, menus, run};
use crate::duties::{Duty, actions, links, opens_anywhere};
use crate::walk::Walk;
use crate::{Offered, Rendering, Target, rooms, screens};

/// Every action can be reached on some page, none more often than promised, and none that the screen does not have.
pub fn every_action_is_reached<R: Rendering>() -> Result<(), String> {
    run(
        menus::<R>(),
        |Case {
             screen,
             stamp,
             room,
         }| {
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            let duties = actions(&screen);
            let mut offered = vec![0_usize; duties.len()];
            for (page, rendered) in &walk.pages {
                let mut here = vec![0_usize; duties.len()];
                for target in rendered.messages.iter().flat_map(R::targets) {
                    let Target::Press { token, label } = target else {
                        continue;
                    };
                    let known = here.get_mut(token.index as usize);
                    let Some(count) = known.filter(|_| token.stamp == stamp) else {
                        return Err(format!(
                            "{label:?} on page {page:?} presses {token}, which is not on the screen"
                        ));
                    };
                    *count += 1;
                }
                if let Some(twice) = here.iter().position(|count| *count > 1) {
                    return Err(format!("action {twice} is twice on page {page:?}"));
                }
                for (all, here) in offered.iter_mut().zip(here) {
                    *all += here;
                }
            }
            for (index, (duty, count)) in duties.iter().zip(offered).enumerate() {
                match (duty, R::OFFERED) {
                    (Duty::Must, _) if count == 0 => return Err(format!("action {index} is lost")),
                    (Duty::Must, Offered::Once) if count > 1 => {
                        return Err(format!("action {index} is on {count} pages"));
                    }
                    (Duty::Must | Duty::May, _) => {}
                }
            }
            Ok(())
        },
    )
}

/// What is pressed is what was read: the words of one control never stand on another's token.
pub fn labels_lead_where_they_say<R: Rendering>() -> Result<(), String> {
    run(
        menus::<R>(),
        |Case {
             screen,
             stamp,
             room,
         }| {
            let screen = numbered(screen);
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            for target in walk.messages().flat_map(R::targets) {
                if let Target::Press { token, label } = target
                    && !label.contains(&number(token.index as usize))
                {
                    return Err(format!("{label:?} presses action {}", token.index));
                }
            }
            Ok(())
        },
    )
}

/// Short enough for the shortest label there is.
fn number(index: usize) -> String {
    format!("k{index}k")
}

/// The screen with the index of its action before every label.
fn numbered(mut screen: Screen) -> Screen {
    let mut next = 0;
    let mut number = |labels: &mut [&mut String]| {
        for label in labels {
            label.insert_str(0, &format!("{} ", self::number(next)));
        }
        next += 1;
    };
    for control in screen.menu.iter_mut().flat_map(|group| &mut group.controls) {
        match control {
            Control::Button(button) => match &mut button.confirm {
                Some(confirm) => number(&mut [&mut button.label, &mut confirm.proceed]),
                None => number(&mut [&mut button.label]),
            },
            Control::Link { .. } => {}
            Control::Choice(choice) => {
                for option in &mut choice.options {
                    number(&mut [&mut option.label]);
                }
            }
            Control::Toggle(toggle) => number(&mut [&mut toggle.label]),
            Control::Board(board) => {
                for place in board.places.iter_mut().filter(|place| place.open.is_some()) {
                    number(&mut [&mut place.tile.label]);
                }
                if board.edit.is_some() {
                    number(&mut []);
                }
            }
        }
    }
    if let Some(Prompt::Form { submit, .. }) = &mut screen.prompt {
        number(&mut [submit]);
    }
    screen
}

/// Links that any platform opens are there as often as on the screen or said to be lost; no other address is.
pub fn links_lead_where_the_screen_says<R: Rendering>() -> Result<(), String> {
    run(
        menus::<R>(),
        |Case {
             screen,
             stamp,
             room,
         }| {
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            let wanted = links(&screen);
            let targets: Vec<Target> = walk.messages().flat_map(R::targets).collect();
            let opened = |wanted: &str| {
                let opens =
                    |target: &&Target| matches!(target, Target::Open { url } if url == wanted);
                targets.iter().filter(opens).count()
            };
            for target in &targets {
                if let Target::Open { url } = target {
                    let own =
                        url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
                    let web = url.starts_with("https://") || url.starts_with("http://");
                    if !wanted.contains(&url.as_str()) || !(own || web) {
                        return Err(format!("{url:?} can be opened"));
                    }
                }
            }
            for url in &wanted {
                let (there, meant) = (
                    opened(url),
                    wanted.iter().filter(|other| *other == url).count(),
                );
                let missing = there < meant && (opens_anywhere(url) || there > 0);
                let repeated = there > meant && R::OFFERED == Offered::Once;
                if repeated || (missing && !walk.reports("link")) {
                    return Err(format!(
                        "{url:?} can be opened {there} times instead of {meant}"
                    ));
                }
                if there == 0 && !walk.reports("link") {
                    return Err(format!("{url:?} cannot be opened, and nothing says so"));
                }
            }
            Ok(())
        },
    )
}

/// There is an end to the pages, and from each of them a way back to the first.
pub fn pages_can_be_turned_back<R: Rendering>() -> Result<(), String> {
    let strategy = (screens::crowded(), screens::stamp(), rooms::room());
    run(strategy, |(screen, stamp, room)| {
        let walk = Walk::<R>::new(&screen, stamp, &R::room(room))?;
        match walk.dead_end() {
            None => Ok(()),
            Some(page) => Err(format!("from page {page:?} there is no way back")),
        }
    })
}
