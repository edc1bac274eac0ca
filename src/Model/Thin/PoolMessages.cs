using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Thin;

/// <summary>What a pool can be told: create_thin, create_snap, delete and so on (pool_message, drivers/md/dm-thin.c, 6.1).</summary>
internal sealed class PoolMessages(ThinPool pool)
{
    /// <summary>MAX_DEV_ID: 24 bits.</summary>
    private const ulong MaxDeviceId = (1 << 24) - 1;

    private PoolMetadata Metadata => pool.Metadata;
    private ModelLog Log => pool.Device.Kernel.Log;

    public Errno Handle(string[] argv)
    {
        if (pool.Mode >= PoolMode.OutOfMetadataSpace)
        {
            Log.Err(ThinPool.Module,
                $"{pool.Device.DeviceName}: unable to service pool target messages in READ_ONLY or FAIL mode");
            return Errno.EOPNOTSUPP;
        }
        var errno = Dispatch(argv);
        if (errno == Errno.None)
            pool.Commit();
        return errno;
    }

    private Errno Dispatch(string[] argv)
    {
        string command = argv[0];
        if (KernelParse.SameWord(command, "create_thin"))
            return CreateThin(argv);
        if (KernelParse.SameWord(command, "create_snap"))
            return CreateSnap(argv);
        if (KernelParse.SameWord(command, "delete"))
            return Delete(argv);
        if (KernelParse.SameWord(command, "set_transaction_id"))
            return SetTransactionId(argv);
        if (KernelParse.SameWord(command, "reserve_metadata_snap"))
            return ReserveMetadataSnap(argv);
        if (KernelParse.SameWord(command, "release_metadata_snap"))
            return ReleaseMetadataSnap(argv);
        return Warn(Errno.EINVAL, $"Unrecognised thin pool target message received: {command}");
    }

    private Errno CreateThin(string[] argv)
    {
        if (!HasCount(argv, 2) || !ReadId(argv[1], out var id))
            return Errno.EINVAL;
        var errno = Metadata.CreateThin(id);
        return errno == Errno.None ? errno : Warn(errno, $"Creation of new thinly-provisioned device with id {argv[1]} failed.");
    }

    private Errno CreateSnap(string[] argv)
    {
        if (!HasCount(argv, 3) || !ReadId(argv[1], out var id) || !ReadId(argv[2], out var origin))
            return Errno.EINVAL;
        var errno = Metadata.CreateSnap(id, origin);
        return errno == Errno.None ? errno : Warn(errno, $"Creation of new snapshot {argv[1]} of device {argv[2]} failed.");
    }

    private Errno Delete(string[] argv)
    {
        if (!HasCount(argv, 2) || !ReadId(argv[1], out var id))
            return Errno.EINVAL;
        var errno = Metadata.DeleteDevice(id);
        return errno == Errno.None ? errno : Warn(errno, $"Deletion of thin device {argv[1]} failed.");
    }

    private Errno SetTransactionId(string[] argv)
    {
        if (!HasCount(argv, 3))
            return Errno.EINVAL;
        if (!KernelParse.KstrToULong(argv[1], out ulong current))
            return Warn(Errno.EINVAL, $"set_transaction_id message: Unrecognised id {argv[1]}.");
        if (!KernelParse.KstrToULong(argv[2], out ulong next))
            return Warn(Errno.EINVAL, $"set_transaction_id message: Unrecognised new id {argv[2]}.");
        var errno = Metadata.SetTransactionId(current, next);
        return errno == Errno.None ? errno : Warn(errno, $"Failed to change transaction id from {argv[1]} to {argv[2]}.");
    }

    private Errno ReserveMetadataSnap(string[] argv)
    {
        if (!HasCount(argv, 1))
            return Errno.EINVAL;
        pool.Commit();
        var errno = Metadata.ReserveMetadataSnap();
        return errno == Errno.None ? errno : Warn(errno, "reserve_metadata_snap message failed.");
    }

    private Errno ReleaseMetadataSnap(string[] argv)
    {
        if (!HasCount(argv, 1))
            return Errno.EINVAL;
        var errno = Metadata.ReleaseMetadataSnap();
        return errno == Errno.None ? errno : Warn(errno, "release_metadata_snap message failed.");
    }

    /// <summary>check_arg_count.</summary>
    private bool HasCount(string[] argv, int count)
    {
        if (argv.Length == count)
            return true;
        Warn(Errno.EINVAL, $"Message received with {argv.Length} arguments instead of {count}.");
        return false;
    }

    /// <summary>read_dev_id, for messages.</summary>
    private bool ReadId(string text, out ThinId id)
    {
        if (TryParseId(text, out id))
            return true;
        Warn(Errno.EINVAL, $"Message received with invalid device id: {text}");
        return false;
    }

    /// <summary>read_dev_id.</summary>
    public static bool TryParseId(string text, out ThinId id)
    {
        bool found = KernelParse.KstrToULong(text, out ulong value) && value <= MaxDeviceId;
        id = new ThinId(value);
        return found;
    }

    private Errno Warn(Errno errno, string text)
    {
        Log.Warn(ThinPool.Module, text);
        return errno;
    }
}
