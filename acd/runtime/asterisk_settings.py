"""Where Asterisk is and how to log in there, from the settings of a process."""

from acd.adapters.asterisk import NodeSettings
from acd.core.ids import Node
from acd.runtime.settings import AMI_USER, ARI_APPLICATION, Settings


def node_settings(settings: Settings) -> NodeSettings:
    """Return what the adapter wants to know.  Raises ConfigurationError without the passwords."""
    secrets = settings.secrets()
    ami_host, ami_port = settings.ami_address
    return NodeSettings(
        node=Node(settings.node),
        ari_url=settings.ari_address,
        ari_password=secrets.ari_password,
        ami_host=ami_host,
        ami_port=ami_port,
        ami_password=secrets.ami_password,
        user=AMI_USER,
        app=ARI_APPLICATION,
        recording=settings.recording,
        shut_out_s=settings.sip_shut_out_min * 60.0,
    )
