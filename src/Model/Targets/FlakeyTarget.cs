using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>
/// flakey: good for some seconds, bad for some, again and again. "device start up down [#features feature...]"
/// (drivers/md/dm-flakey.c, 6.1).
/// </summary>
public sealed class FlakeyType : TargetType
{
    // Before KernelRule.FlakeyFeaturesStrict the kernel reads both intervals with the first rule.
    private static readonly ArgumentRule Interval = new(0, uint.MaxValue, "Invalid up interval");
    private static readonly ArgumentRule DownInterval = new(0, uint.MaxValue, "Invalid down interval");

    public override string Name => "flakey";
    public override TargetFeatures Features => TargetFeatures.ZonedHm | TargetFeatures.PassesCrypto;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        if (arguments.Argv.Length < 4)
            return arguments.Refuse(Errno.EINVAL, "Invalid argument count");
        var reader = new ArgumentReader(arguments);
        string path = reader.Shift()!;
        if (!KernelParse.U64(reader.Shift()!, arguments.Profile, out ulong start))
            return arguments.Refuse(Errno.EINVAL, "Invalid device sector");
        var errno = reader.Read(Interval, out uint up);
        if (errno != Errno.None)
            return errno;
        bool strict = arguments.Profile.Has(KernelRule.FlakeyFeaturesStrict);
        errno = reader.Read(strict ? DownInterval : Interval, out uint down);
        if (errno != Errno.None)
            return errno;
        if (unchecked(up + down) == 0)
            return arguments.Refuse(Errno.EINVAL, "Total (up + down) interval is zero");
        if (unchecked(up + down) < up)
            return arguments.Refuse(Errno.EINVAL, "Interval overflow");
        errno = FlakeyFeatures.Parse(arguments, reader, out var features);
        if (errno != Errno.None)
            return errno;
        errno = arguments.Table.GetDevice(path, arguments.Table.Mode, out var device);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Device lookup failed");
        target = new FlakeyTarget(arguments, device!, new Sectors(start), up, down, features);
        return Errno.None;
    }
}

/// <summary>What a flakey target does while it is down.</summary>
internal sealed record FlakeyFeatures
{
    /// <summary>Whether the kernel knows error_reads: <see cref="KernelRule.FlakeyErrorsReads"/>.</summary>
    public bool KnowsErrorReads { get; init; }

    /// <summary><see cref="KernelRule.FlakeyFeaturesStrict"/>.</summary>
    public bool IsStrict { get; init; }

    public bool ErrorReads { get; init; }
    public bool DropWrites { get; init; }
    public bool ErrorWrites { get; init; }

    /// <summary>Which byte of each bio is overwritten, from 1; 0 for none.</summary>
    public uint CorruptByte { get; init; }

    public bool CorruptWrites { get; init; }
    public byte CorruptValue { get; init; }

    /// <summary>Only bios that have all these bits in their operation and flags are corrupted.</summary>
    public uint CorruptFlags { get; init; }

    /// <summary>PROBABILITY_BASE.</summary>
    public const uint Always = 1_000_000_000;

    /// <summary>Of so many bios in <see cref="Always"/> a byte is overwritten, anywhere and with anything.</summary>
    public uint RandomReads { get; init; }

    public uint RandomWrites { get; init; }

    public bool CorruptsReads => CorruptByte > 0 && !CorruptWrites;

    private bool DoesNothing =>
        this is { CorruptByte: 0, ErrorReads: false, DropWrites: false, ErrorWrites: false, RandomReads: 0, RandomWrites: 0 };

    private static readonly ArgumentRule Count = new(0, 6, "Invalid number of feature args");
    private static readonly ArgumentRule LargerCount = new(0, 11, "Invalid number of feature args");
    private static readonly ArgumentRule Byte = new(1, uint.MaxValue, "Invalid corrupt bio byte");
    private static readonly ArgumentRule Value = new(0, 255, "Invalid corrupt value to write into bio byte (0-255)");
    private static readonly ArgumentRule Flags = new(0, uint.MaxValue, "Invalid corrupt bio flags mask");
    private static readonly ArgumentRule Probability = new(0, Always, "Invalid random corrupt argument");

    /// <summary>parse_features. Words after the counted ones are left alone.</summary>
    public static Errno Parse(TargetArguments arguments, ArgumentReader reader, out FlakeyFeatures features)
    {
        var profile = arguments.Profile;
        features = new FlakeyFeatures
        {
            KnowsErrorReads = profile.Has(KernelRule.FlakeyErrorsReads),
            IsStrict = profile.Has(KernelRule.FlakeyFeaturesStrict),
        };
        uint left = 0;
        var errno = reader.Count == 0 ? Errno.None : reader.ReadGroup(features.KnowsErrorReads ? LargerCount : Count, out left);
        while (errno == Errno.None && left != 0)
        {
            left--;
            errno = ParseOne(arguments, reader, reader.Shift(), ref left, ref features);
        }
        if (errno != Errno.None)
            return errno;
        errno = features.CheckCombination(arguments);
        if (features is { KnowsErrorReads: true, DoesNothing: true })
            features = features with { ErrorReads = true, ErrorWrites = true };
        return errno;
    }

    private static Errno ParseOne(
        TargetArguments arguments, ArgumentReader reader, string? word, ref uint left, ref FlakeyFeatures features)
    {
        if (word is null)
            return arguments.Refuse(Errno.EINVAL, "Insufficient feature arguments");
        if (features.KnowsErrorReads && KernelParse.SameWord(word, "error_reads"))
        {
            if (features.ErrorReads)
                return arguments.Refuse(Errno.EINVAL, "Feature error_reads duplicated");
            features = features with { ErrorReads = true };
            return Errno.None;
        }
        if (KernelParse.SameWord(word, "drop_writes"))
        {
            if (features.DropWrites)
                return arguments.Refuse(Errno.EINVAL, "Feature drop_writes duplicated");
            if (features.ErrorWrites)
                return arguments.Refuse(Errno.EINVAL, "Feature drop_writes conflicts with feature error_writes");
            features = features with { DropWrites = true };
            return Errno.None;
        }
        if (KernelParse.SameWord(word, "error_writes"))
        {
            if (features.ErrorWrites)
                return arguments.Refuse(Errno.EINVAL, "Feature error_writes duplicated");
            if (features.DropWrites)
                return arguments.Refuse(Errno.EINVAL, "Feature error_writes conflicts with feature drop_writes");
            features = features with { ErrorWrites = true };
            return Errno.None;
        }
        if (features.KnowsErrorReads && KernelParse.SameWord(word, "random_read_corrupt"))
        {
            var errno = features.ParseProbability(arguments, reader, "random_read_corrupt", features.RandomReads, ref left, out uint reads);
            features = features with { RandomReads = reads };
            return errno;
        }
        if (features.KnowsErrorReads && KernelParse.SameWord(word, "random_write_corrupt"))
        {
            var errno = features.ParseProbability(arguments, reader, "random_write_corrupt", features.RandomWrites, ref left, out uint writes);
            features = features with { RandomWrites = writes };
            return errno;
        }
        if (!KernelParse.SameWord(word, "corrupt_bio_byte"))
            return arguments.Refuse(Errno.EINVAL, "Unrecognised flakey feature requested");
        if (features is { IsStrict: true, CorruptByte: > 0 })
            return arguments.Refuse(Errno.EINVAL, "Feature corrupt_bio_byte duplicated");
        if (features.IsStrict && left < 4)
            return arguments.Refuse(Errno.EINVAL, "Feature corrupt_bio_byte requires 4 parameters");
        if (left == 0)
            return arguments.Refuse(Errno.EINVAL, "Feature corrupt_bio_byte requires parameters");
        // Unsigned there: a count too small by some wraps, and the words that are missing are missed.
        left = unchecked(left - 4);
        return ParseCorrupt(arguments, reader, ref features);
    }

    /// <param name="known">What it was given before; 0 counts as nothing.</param>
    private Errno ParseProbability(
        TargetArguments arguments, ArgumentReader reader, string feature, uint known, ref uint left, out uint probability)
    {
        probability = known;
        if (IsStrict && known != 0)
            return arguments.Refuse(Errno.EINVAL, $"Feature {feature} duplicated");
        if (left == 0)
            return arguments.Refuse(Errno.EINVAL, $"Feature {feature} requires a parameter");
        left--;
        return reader.Read(Probability, out probability);
    }

    private static Errno ParseCorrupt(TargetArguments arguments, ArgumentReader reader, ref FlakeyFeatures features)
    {
        var errno = reader.Read(Byte, out uint number);
        if (errno != Errno.None)
            return errno;
        string? direction = reader.Shift();
        bool writes = direction is not null && KernelParse.SameWord(direction, "w");
        if (!writes && (direction is null || !KernelParse.SameWord(direction, "r")))
            return arguments.Refuse(Errno.EINVAL, "Invalid corrupt bio direction (r or w)");
        errno = reader.Read(Value, out uint value);
        if (errno != Errno.None)
            return errno;
        errno = reader.Read(Flags, out uint flags);
        features = features with
        {
            CorruptByte = number,
            CorruptWrites = writes,
            CorruptValue = (byte)value,
            CorruptFlags = flags,
        };
        return errno;
    }

    private Errno CheckCombination(TargetArguments arguments)
    {
        string spoilt = IsStrict ? "random_write_corrupt or corrupt_bio_byte" : "corrupt_bio_byte";
        bool spoilsWrites = CorruptWrites || (IsStrict && RandomWrites != 0);
        if (DropWrites && spoilsWrites)
            return arguments.Refuse(Errno.EINVAL, $"drop_writes is incompatible with {spoilt} with the WRITE flag set");
        if (ErrorWrites && spoilsWrites)
            return arguments.Refuse(Errno.EINVAL, $"error_writes is incompatible with {spoilt} with the WRITE flag set");
        if (IsStrict && ErrorReads && (RandomReads != 0 || CorruptsReads))
            return arguments.Refuse(Errno.EINVAL, "error_reads is incompatible with random_read_corrupt or corrupt_bio_byte with the READ flag set");
        return Errno.None;
    }

    /// <summary>The end of the table line; before error_reads came, with a blank after every word.</summary>
    public override string ToString()
    {
        int count = (ErrorReads ? 1 : 0) + (DropWrites ? 1 : 0) + (ErrorWrites ? 1 : 0) + (CorruptByte > 0 ? 5 : 0)
            + (RandomReads > 0 ? 2 : 0) + (RandomWrites > 0 ? 2 : 0);
        string words = DropWrites ? "drop_writes " : ErrorWrites ? "error_writes " : "";
        string corrupt = CorruptByte == 0 ? ""
            : $"corrupt_bio_byte {CorruptByte} {(CorruptWrites ? 'w' : 'r')} {CorruptValue} {CorruptFlags} ";
        string random = (RandomReads == 0 ? "" : $"random_read_corrupt {RandomReads} ") + (RandomWrites == 0 ? "" : $"random_write_corrupt {RandomWrites} ");
        string text = $"{count} {(ErrorReads ? "error_reads " : "")}{words}{corrupt}{random}";
        return KnowsErrorReads ? text.TrimEnd() : text;
    }
}

public sealed class FlakeyTarget : Target
{
    private static readonly object SubmittedWhileDown = new();

    private readonly TableDevice _device;
    private readonly Sectors _start;
    private readonly uint _up;
    private readonly uint _down;
    private readonly FlakeyFeatures _features;
    private readonly long _startJiffies;

    internal FlakeyTarget(
        TargetArguments arguments, TableDevice device, Sectors start, uint up, uint down, FlakeyFeatures features)
        : base(arguments)
    {
        _device = device;
        _start = start;
        _up = up;
        _down = down;
        _features = features;
        _startJiffies = Jiffies.At(Table.Kernel.Time.Now);
        NumFlushBios = 1;
        NumDiscardBios = 1;
    }

    /// <summary>Time counts from the construction of the table, whole seconds, whether or not it is live yet.</summary>
    private bool IsDown
    {
        get
        {
            uint elapsed = unchecked((uint)((Jiffies.At(Table.Kernel.Time.Now) - _startJiffies) / Jiffies.PerSecond));
            return elapsed % (_up + _down) >= _up;
        }
    }

    public override MapResult Map(TargetBio bio)
    {
        if (IsDown && _features.KnowsErrorReads)
            return MapDown(bio);
        if (IsDown)
        {
            bio.PerBioData = SubmittedWhileDown;
            if (!bio.IsWrite)
            {
                if (ErrorsReads)
                    return MapResult.Kill;
            }
            else if (_features.DropWrites || _features.ErrorWrites)
            {
                bio.End(_features.DropWrites ? BlkStatus.Ok : BlkStatus.IoErr);
                return MapResult.Submitted;
            }
            else if (_features.CorruptByte == 0)
            {
                return MapResult.Kill;
            }
            else if (_features.CorruptWrites)
            {
                Corrupt(bio);
            }
        }
        return Pass(bio);
    }

    private MapResult Pass(TargetBio bio)
    {
        bio.Device = _device.Device;
        bio.Sector = Remap(_start, bio.Sector);
        return MapResult.Remapped;
    }

    /// <summary>flakey_map of a kernel that knows error_reads: what a read is to lose is remembered as the memory that it began with.</summary>
    private MapResult MapDown(TargetBio bio)
    {
        bool spoilable = bio.HasData;
        if (!bio.IsWrite)
        {
            if (_features.ErrorReads)
                return MapResult.Kill;
            if (spoilable && (_features.CorruptsReads || _features.RandomReads > 0))
                bio.PerBioData = bio.Data;
            return Pass(bio);
        }
        if (_features.DropWrites || _features.ErrorWrites)
        {
            bio.End(_features.DropWrites ? BlkStatus.Ok : BlkStatus.IoErr);
            return MapResult.Submitted;
        }
        bool atPlace = spoilable && _features.CorruptWrites && HasCorruptFlags(bio), anywhere = spoilable && HitsOneOf(_features.RandomWrites);
        if (atPlace || anywhere)
            bio.CopyData();
        if (atPlace)
            CorruptAtPlace(bio.Data.Span);
        if (anywhere)
            CorruptAnywhere(bio.Data.Span);
        return Pass(bio);
    }

    // The kernel's are get_random_u64 and its like: no two runs are spoilt alike, but here all are.
    private ulong _random = 0x9e3779b97f4a7c15;

    private ulong NextRandom()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        return _random ^= _random << 17;
    }

    private bool HitsOneOf(uint probability) => probability != 0 && NextRandom() % FlakeyFeatures.Always < probability;

    /// <summary>all_corrupt_bio_flags_match.</summary>
    private bool HasCorruptFlags(Bio bio) => (bio.Opf & _features.CorruptFlags) == _features.CorruptFlags;

    /// <summary>corrupt_bio_common: the byte that is asked for, when there are so many.</summary>
    private void CorruptAtPlace(Span<byte> data)
    {
        if (_features.CorruptByte != 0 && _features.CorruptByte <= (ulong)data.Length)
            data[(int)(_features.CorruptByte - 1)] = _features.CorruptValue;
    }

    /// <summary>corrupt_bio_random.</summary>
    private void CorruptAnywhere(Span<byte> data) => data[(int)(NextRandom() % (uint)data.Length)] = (byte)(NextRandom() & 0xff);

    private bool ErrorsReads => _features is { CorruptByte: 0, DropWrites: false, ErrorWrites: false };

    public override EndIoResult EndIo(TargetBio bio, ref BlkStatus status)
    {
        if (status == BlkStatus.Ok && bio.PerBioData is Memory<byte> whole)
        {
            if (_features.CorruptsReads && HasCorruptFlags(bio))
                CorruptAtPlace(whole.Span);
            if (HitsOneOf(_features.RandomReads))
                CorruptAnywhere(whole.Span);
            return EndIoResult.Done;
        }
        if (status != BlkStatus.Ok || bio.PerBioData != SubmittedWhileDown || bio.IsWrite)
            return EndIoResult.Done;
        if (_features.CorruptByte != 0 && !_features.CorruptWrites)
            Corrupt(bio);
        return EndIoResult.Done;
    }

    /// <summary>
    /// corrupt_bio_data: the byte is counted from where the bio has been left. A read from a loop device has been
    /// advanced to its end and stays whole; one that a mapped device below has split is hit in its last piece.
    /// </summary>
    private void Corrupt(TargetBio bio)
    {
        if (!HasCorruptFlags(bio) || !bio.HasData || bio.DataIsZeroPage)
            return;
        // The kernel spoils the writer's own memory; nobody can tell from a spoilt copy.
        if (bio.IsWrite)
            bio.Data = bio.Data.ToArray();
        CorruptAtPlace(bio.Data.Span);
    }

    public override string Status(StatusType type, bool noflush) =>
        type == StatusType.Table ? $"{_device.Name} {_start} {_up} {_down} {_features}" : "";

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => visit(_device, _start, Length);

    public override (TableDevice? Device, bool PassThrough) PrepareIoctl() =>
        (_device, _start == Sectors.Zero && Length == _device.Device.Capacity);

    public override void Destroy() => Table.PutDevice(_device);
}
