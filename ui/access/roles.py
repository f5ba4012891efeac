"""What staff may do, by role."""

from enum import StrEnum


class Permission(StrEnum):
    """One kind of work."""

    READ = "read"  # insights and masked conversations
    ANSWER = "answer"  # take over conversations and answer customers
    CURATE = "curate"  # change the FAQ
    TRAIN = "train"  # review messages, train and promote
    ADMINISTER = "administer"  # accounts, sites, the audit trail


class Role(StrEnum):
    """What somebody is here for."""

    VIEWER = "viewer"
    AGENT = "agent"
    CURATOR = "curator"
    TRAINER = "trainer"
    ADMIN = "admin"

    def may(self, permission: Permission) -> bool:
        """Whether the role includes a kind of work.

        >>> Role.CURATOR.may(Permission.CURATE), Role.CURATOR.may(Permission.ANSWER)
        (True, False)
        """
        return permission in GRANTED[self]


GRANTED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.AGENT: frozenset({Permission.READ, Permission.ANSWER}),
    Role.CURATOR: frozenset({Permission.READ, Permission.CURATE}),
    Role.TRAINER: frozenset({Permission.READ, Permission.TRAIN}),
    Role.ADMIN: frozenset(Permission),
}
