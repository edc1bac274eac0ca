using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <summary>snapshot_ctr, for both types that have it: "origin COW-device P|PO|N chunk-size [#features feature...]" (drivers/md/dm-snap.c, 6.1).</summary>
internal static class SnapshotConstruction
{
    private static readonly ArgumentRule FeatureCount = new(0, 2, "Invalid number of feature arguments");

    private readonly record struct Features(bool DiscardZeroesCow, bool DiscardPassdownOrigin);

    public static Errno Construct(TargetArguments arguments, bool isMerge, out Snapshot? snapshot)
    {
        snapshot = null;
        if (arguments.Argv.Length < 4)
            return arguments.Refuse(Errno.EINVAL, "requires 4 or more arguments");
        var errno = ParseFeatures(arguments, out var features);
        if (errno != Errno.None)
            return errno;
        var table = arguments.Table;
        errno = table.GetDevice(arguments.Argv[0], isMerge ? OpenMode.Write : OpenMode.Read, out var origin);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Cannot get origin device");
        errno = Construct(arguments, isMerge, features, origin!, out snapshot);
        if (errno != Errno.None)
            table.PutDevice(origin!);
        return errno;
    }

    /// <summary>parse_snapshot_features. Words behind the group are not looked at.</summary>
    private static Errno ParseFeatures(TargetArguments arguments, out Features features)
    {
        features = default;
        var reader = new ArgumentReader(arguments);
        for (int i = 0; i < 4; i++)
            reader.Shift();
        if (reader.Count == 0)
            return Errno.None;
        if (reader.ReadGroup(FeatureCount, out uint count) != Errno.None)
            return Errno.EINVAL;
        for (; count > 0; count--)
        {
            string word = reader.Shift()!;
            if (KernelParse.SameWord(word, "discard_zeroes_cow"))
                features = features with { DiscardZeroesCow = true };
            else if (KernelParse.SameWord(word, "discard_passdown_origin"))
                features = features with { DiscardPassdownOrigin = true };
            else
                return arguments.Refuse(Errno.EINVAL, UnlessPassdownAlone(features, "Unrecognised feature requested"));
        }
        return features is { DiscardZeroesCow: false, DiscardPassdownOrigin: true }
            ? arguments.Refuse(Errno.EINVAL, PassdownAlone) : Errno.None;
    }

    private const string PassdownAlone = "discard_passdown_origin feature depends on discard_zeroes_cow";

    /// <summary>The last check is made after an unknown word too, and has the last word.</summary>
    private static string UnlessPassdownAlone(Features features, string error) =>
        features is { DiscardZeroesCow: false, DiscardPassdownOrigin: true } ? PassdownAlone : error;

    private const string SameDevice = "COW device cannot be the same as origin device";

    private static Errno Construct(
        TargetArguments arguments, bool isMerge, Features features, TableDevice origin, out Snapshot? snapshot)
    {
        snapshot = null;
        var table = arguments.Table;
        string path = arguments.Argv[1];
        bool comparesOpened = table.Kernel.Profile.Has(KernelRule.StoresOpenedFirst);
        if (!comparesOpened && DevicePath.Resolve(table.Kernel, path, out var number) == Errno.None && number == origin.Device.Number)
            return arguments.Refuse(Errno.EINVAL, SameDevice);
        var errno = table.GetDevice(path, table.Mode, out var cow);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Cannot get COW device");
        if (cow!.Device == origin.Device)
            errno = arguments.Refuse(Errno.EINVAL, SameDevice);
        else if (ExceptionStore.Create(arguments.Argv[2], arguments.Argv[3], origin.Device, cow.Device) is not { } store)
            errno = arguments.Refuse(Errno.EINVAL, "Couldn't create exception store");
        else if (isMerge && !store.CanMerge)
            errno = arguments.Refuse(Errno.EINVAL, "Snapshot exception store does not support snapshot-merge.");
        else
            errno = Register(arguments, new Snapshot(table, isMerge, origin, cow, store)
            {
                DiscardZeroesCow = features.DiscardZeroesCow,
                DiscardPassdownOrigin = features.DiscardPassdownOrigin,
            }, out snapshot);
        if (errno != Errno.None)
            table.PutDevice(cow);
        return errno;
    }

    private static Errno Register(TargetArguments arguments, Snapshot made, out Snapshot? snapshot)
    {
        snapshot = null;
        var origins = arguments.Table.Kernel.SnapshotOrigins;
        if (origins.Register(made, out bool isDestination) is { } refusal)
            return arguments.Refuse(Errno.EINVAL, refusal);
        if (isDestination)
        {
            // Everything comes with the exceptions; 0 for now, so that it is ignored.
            made.Store.ChunkSize = 0;
        }
        else
        {
            var errno = ReadMetadata(arguments, made);
            if (errno != Errno.None)
            {
                origins.Unregister(made);
                return errno;
            }
            made.MaxIoLen = made.Store.ChunkSize;
        }
        snapshot = made;
        return Errno.None;
    }

    private static Errno ReadMetadata(TargetArguments arguments, Snapshot made)
    {
        var errno = made.Store.ReadMetadata(made.AddException, out bool invalid);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Failed to read snapshot metadata");
        if (invalid)
        {
            made.Valid = false;
            arguments.Table.Kernel.Log.Warn(Snapshot.Module, "Snapshot is marked invalid.");
        }
        return made.Store.ChunkSize == 0 ? arguments.Refuse(Errno.EINVAL, "Chunk size not set") : Errno.None;
    }
}
