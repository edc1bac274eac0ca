namespace DmSim.Abi;

/// <summary>Command numbers of the device-mapper ioctl interface (include/uapi/linux/dm-ioctl.h, 6.1).</summary>
public enum DmCommand
{
    DM_VERSION = 0,
    DM_REMOVE_ALL,
    DM_LIST_DEVICES,
    DM_DEV_CREATE,
    DM_DEV_REMOVE,
    DM_DEV_RENAME,
    DM_DEV_SUSPEND,
    DM_DEV_STATUS,
    DM_DEV_WAIT,
    DM_TABLE_LOAD,
    DM_TABLE_CLEAR,
    DM_TABLE_DEPS,
    DM_TABLE_STATUS,
    DM_LIST_VERSIONS,
    DM_TARGET_MSG,
    DM_DEV_SET_GEOMETRY,
    DM_DEV_ARM_POLL,
    DM_GET_TARGET_VERSION,
}

public static class DmCommands
{
    public const uint IoctlType = 0xfd;

    /// <summary>
    /// Since 6.16: not for the control node but for a multipath device's own, and without an argument: _IO(0xfd, 18).
    /// </summary>
    public const uint DM_MPATH_PROBE_PATHS_CMD = 18;
    public const uint DM_MPATH_PROBE_PATHS = (IoctlType << 8) | DM_MPATH_PROBE_PATHS_CMD;

    /// <summary>Where the nodes are: /dev/mapper, and in it the control node.</summary>
    public const string DM_DIR = "mapper";
    public const string DM_CONTROL_NODE = "control";

    /// <summary>The ioctl request: _IOWR(0xfd, command, struct dm_ioctl).</summary>
    public static uint Request(this DmCommand command) =>
        (3u << 30) | ((uint)DmIoctl.Size << 16) | (IoctlType << 8) | (uint)command;
}
