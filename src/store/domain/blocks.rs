//! How points are appended to a series that lies in blocks.
//!
//! All blocks of a series are full ([`CAPACITY`] points) but the last ones: one, or two of which the second is small;
//! together they hold fewer points than a full block. So where the points after any number of them begin is known
//! without a look at the blocks before, and a point more costs a small block, not one of [`CAPACITY`].

use crate::store::segment::CAPACITY;

/// Blocks smaller than this are written anew with the points that come, and join the one before when they have grown
/// to it.
pub const SMALL: usize = 64;

/// How many blocks at the end are written anew when so many points come, by the numbers of points in those that are
/// not full, in their order.
pub fn anew(open: &[usize], coming: usize) -> usize {
    let fills = open.iter().sum::<usize>() + coming >= CAPACITY;
    let mut points = coming;
    let joins = |count: &&usize| {
        let joins = fills || **count < SMALL || points >= SMALL;
        points += **count;
        joins
    };
    open.iter().rev().take_while(joins).count()
}
