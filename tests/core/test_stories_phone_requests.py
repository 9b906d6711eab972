"""Stories of phones that hold and transfer by themselves, which is as if by code (T38, C08)."""

from tests.core.story import tell


def test_a_phone_holds_and_takes_back() -> None:
    """C08: the caller hears what callers on hold hear; nothing is said to a phone on hold."""
    tell(
        """
         0.000  A calls 95002        | offered A; ring 8011 for A; open room A
         1.000  8011 answers         | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter        | answered A by 8011, wait 1.002
         2.000  8011 holds by itself | open side A; aside 8011; hold A
         2.002  8011, A enter        | held A by 8011
         2.500  8011 holds by itself | refused already_aside
        12.000  time passes          | play caller-hold-notice to A
        14.000  A has heard it       | -
        15.000  8011 takes it back   | join 8011; play caller-hold-thanks to A
        15.002  8011 enters          | close side A
        16.000  A has heard it       | join A
        16.002  A enters             | resumed A after 14.000
        """,
        agents="8011",
    )


def test_a_phone_refers_the_call_to_a_colleague() -> None:
    """T38: the phone hears what became of it when it is known, and is let go."""
    tell(
        """
        0.000  A calls 95002       | offered A; ring 8011 for A; open room A
        1.000  8011 answers        | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter       | answered A by 8011, wait 1.002
        2.000  8011 refers to 8012 | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                   | aside 8011; hold A; refer of 8011 trying
        2.002  8011, A enter       | held A by 8011; play caller-transferring to A
        3.000  8012 answers        | offer accepted 8012; refer of 8011 done;
                                   | blind A to 8012 completed; join 8012;
                                   | stop caller-transferring; play caller-hold-thanks to A;
                                   | hang up 8011
        3.001  8012 enters         | -
        3.010  8011 is gone        | close side A; 8011 wrap_up
        4.000  A has heard it      | join A
        4.002  A enters            | resumed A after 2.000
        """,
        agents="8011 8012",
    )


def test_a_refer_that_comes_to_nothing_leaves_the_phone_in_the_call() -> None:
    """T38: declined at once, or after the ring; to a queue it is done at once."""
    tell(
        """
        0.000  A calls 95002           | offered A; ring 8011 for A; open room A
        1.000  8011 answers            | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter           | answered A by 8011, wait 1.002
        2.000  8011 refers to 8011     | refused yourself; refer of 8011 declined
        3.000  8011 refers to 8012     | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                       | aside 8011; hold A; refer of 8011 trying
        3.002  8011, A enter           | held A by 8011; play caller-transferring to A
        4.000  8012 is gone (rejected) | offer rejected 8012 (rejected); refer of 8011 unavailable;
                                       | blind A to 8012 failed; join 8011;
                                       | stop caller-transferring;
                                       | play caller-transfer-failed to A;
                                       | 8012 not_responding (refused)
        4.002  8011 enters             | close side A; play transfer-not-answered to 8011
        5.000  A has heard it          | join A
        5.002  A enters                | resumed A after 2.000
        6.000  8011 refers to 95001    | 8012 ready; blind A to 95001 by 8011;
                                       | blind A to 95001 completed; hang up 8011; requeued A;
                                       | hold A; play caller-transferring to A
        6.010  8011 is gone            | 8011 wrap_up
        """,
        agents="8011 8012",
    )
