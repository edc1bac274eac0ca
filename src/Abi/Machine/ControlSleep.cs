namespace DmSim.Abi;

/// <summary>
/// Whether a command may sleep for longer than locks are held: it waits for an event or for I/O, or runs a target's code that may
/// (drivers/md/dm-ioctl.c, 6.1). Those that may are made on threads of their own. A wrong yes costs a change of threads, a wrong no
/// would stop a whole batch.
/// </summary>
public static class ControlSleep
{
    public static bool MaySleep(uint request, ReadOnlySpan<byte> buffer)
    {
        switch ((DmCommand)(request & 0xff))
        {
            case DmCommand.DM_VERSION:
            case DmCommand.DM_LIST_DEVICES:
            case DmCommand.DM_DEV_CREATE:
            case DmCommand.DM_DEV_RENAME:
            case DmCommand.DM_DEV_STATUS:
            case DmCommand.DM_TABLE_DEPS:
            case DmCommand.DM_LIST_VERSIONS:
            case DmCommand.DM_DEV_SET_GEOMETRY:
            case DmCommand.DM_DEV_ARM_POLL:
            case DmCommand.DM_GET_TARGET_VERSION:
                return false;
            case DmCommand.DM_TABLE_STATUS:
                var flags = buffer.Length < DmIoctl.FlagsOffset + 4 ? DmFlags.None
                    : (DmFlags)BitConverter.ToUInt32(buffer[DmIoctl.FlagsOffset..]);
                return (flags & (DmFlags.DM_NOFLUSH_FLAG | DmFlags.DM_STATUS_TABLE_FLAG)) == 0;
            default:
                return true;
        }
    }
}
