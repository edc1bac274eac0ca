using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Abi;

/// <summary>
/// Every public constant of the interface, against what a C compiler says of &lt;linux/dm-ioctl.h&gt; and &lt;errno.h&gt;. A constant that
/// is neither checked nor excused fails by name, so that a new one cannot come in unnoticed.
/// </summary>
public sealed class ConstantsTests
{
    /// <summary>Our name, and what it is in C. A third column names the macro without which the header is too old to tell.</summary>
    private static readonly (string Ours, string C, string? OnlyWith)[] Layout =
    [
        ("DmIoctl.Size", "sizeof(struct dm_ioctl)", null),
        ("DmIoctl.VersionOffset", "offsetof(struct dm_ioctl, version)", null),
        ("DmIoctl.DataSizeOffset", "offsetof(struct dm_ioctl, data_size)", null),
        ("DmIoctl.DataStartOffset", "offsetof(struct dm_ioctl, data_start)", null),
        ("DmIoctl.TargetCountOffset", "offsetof(struct dm_ioctl, target_count)", null),
        ("DmIoctl.OpenCountOffset", "offsetof(struct dm_ioctl, open_count)", null),
        ("DmIoctl.FlagsOffset", "offsetof(struct dm_ioctl, flags)", null),
        ("DmIoctl.EventNrOffset", "offsetof(struct dm_ioctl, event_nr)", null),
        ("DmIoctl.PaddingOffset", "offsetof(struct dm_ioctl, padding)", null),
        ("DmIoctl.DevOffset", "offsetof(struct dm_ioctl, dev)", null),
        ("DmIoctl.NameOffset", "offsetof(struct dm_ioctl, name)", null),
        ("DmIoctl.UuidOffset", "offsetof(struct dm_ioctl, uuid)", null),
        ("DmIoctl.DataOffset", "offsetof(struct dm_ioctl, data)", null),
        ("DmIoctl.DM_NAME_LEN", "DM_NAME_LEN", null),
        ("DmIoctl.DM_UUID_LEN", "DM_UUID_LEN", null),
        ("DmIoctl.DM_MAX_TYPE_NAME", "DM_MAX_TYPE_NAME", null),
        ("DmTargetSpec.Size", "sizeof(struct dm_target_spec)", null),
        ("DmTargetSpec.SectorStartOffset", "offsetof(struct dm_target_spec, sector_start)", null),
        ("DmTargetSpec.LengthOffset", "offsetof(struct dm_target_spec, length)", null),
        ("DmTargetSpec.StatusOffset", "offsetof(struct dm_target_spec, status)", null),
        ("DmTargetSpec.NextOffset", "offsetof(struct dm_target_spec, next)", null),
        ("DmTargetSpec.TargetTypeOffset", "offsetof(struct dm_target_spec, target_type)", null),
        ("DmTargetDeps.Size", "sizeof(struct dm_target_deps)", null),
        ("DmTargetDeps.CountOffset", "offsetof(struct dm_target_deps, count)", null),
        ("DmTargetDeps.PaddingOffset", "offsetof(struct dm_target_deps, padding)", null),
        ("DmTargetDeps.DevOffset", "offsetof(struct dm_target_deps, dev)", null),
        ("DmNameList.Size", "sizeof(struct dm_name_list)", null),
        ("DmNameList.DevOffset", "offsetof(struct dm_name_list, dev)", null),
        ("DmNameList.NextOffset", "offsetof(struct dm_name_list, next)", null),
        ("DmNameList.NameOffset", "offsetof(struct dm_name_list, name)", null),
        ("DmTargetVersions.Size", "sizeof(struct dm_target_versions)", null),
        ("DmTargetVersions.NextOffset", "offsetof(struct dm_target_versions, next)", null),
        ("DmTargetVersions.VersionOffset", "offsetof(struct dm_target_versions, version)", null),
        ("DmTargetVersions.NameOffset", "offsetof(struct dm_target_versions, name)", null),
        ("DmTargetMsg.Size", "sizeof(struct dm_target_msg)", null),
        ("DmTargetMsg.SectorOffset", "offsetof(struct dm_target_msg, sector)", null),
        ("DmTargetMsg.MessageOffset", "offsetof(struct dm_target_msg, message)", null),
        ("DmCommands.IoctlType", "DM_IOCTL", null),
        ("DmCommands.DM_MPATH_PROBE_PATHS_CMD", "DM_MPATH_PROBE_PATHS_CMD", "DM_MPATH_PROBE_PATHS"),
        ("DmCommands.DM_MPATH_PROBE_PATHS", "DM_MPATH_PROBE_PATHS", "DM_MPATH_PROBE_PATHS"),
        ("DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID", "DM_NAME_LIST_FLAG_HAS_UUID", "DM_NAME_LIST_FLAG_HAS_UUID"),
        ("DmNameListFlags.DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID", "DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID",
            "DM_NAME_LIST_FLAG_HAS_UUID"),
        ("DeviceNumber.LoopMajor", "LOOP_MAJOR", null),
        ("BlockPartition.BLKPG_ADD_PARTITION", "BLKPG_ADD_PARTITION", null),
        ("BlockPartition.BLKPG_DEL_PARTITION", "BLKPG_DEL_PARTITION", null),
        ("BlockPartition.BLKPG_RESIZE_PARTITION", "BLKPG_RESIZE_PARTITION", null),
        ("BlockPartition.ArgumentSize", "sizeof(struct blkpg_ioctl_arg)", null),
        ("BlockPartition.DataOffset", "offsetof(struct blkpg_ioctl_arg, data)", null),
        ("BlockPartition.Size", "sizeof(struct blkpg_partition)", null),
        ("LoopInfo.Size", "sizeof(struct loop_info64)", null),
        ("LoopInfo.OldSize", "sizeof(struct loop_info)", null),
        ("LoopInfo.ConfigSize", "sizeof(struct loop_config)", null),
        ("LoopInfo.DeviceOffset", "offsetof(struct loop_info64, lo_device)", null),
        ("LoopInfo.InodeOffset", "offsetof(struct loop_info64, lo_inode)", null),
        ("LoopInfo.RdeviceOffset", "offsetof(struct loop_info64, lo_rdevice)", null),
        ("LoopInfo.OffsetOffset", "offsetof(struct loop_info64, lo_offset)", null),
        ("LoopInfo.SizelimitOffset", "offsetof(struct loop_info64, lo_sizelimit)", null),
        ("LoopInfo.NumberOffset", "offsetof(struct loop_info64, lo_number)", null),
        ("LoopInfo.EncryptTypeOffset", "offsetof(struct loop_info64, lo_encrypt_type)", null),
        ("LoopInfo.EncryptKeySizeOffset", "offsetof(struct loop_info64, lo_encrypt_key_size)", null),
        ("LoopInfo.FlagsOffset", "offsetof(struct loop_info64, lo_flags)", null),
        ("LoopInfo.FileNameOffset", "offsetof(struct loop_info64, lo_file_name)", null),
        ("LoopInfo.OldDeviceOffset", "offsetof(struct loop_info, lo_device)", null),
        ("LoopInfo.OldInodeOffset", "offsetof(struct loop_info, lo_inode)", null),
        ("LoopInfo.OldRdeviceOffset", "offsetof(struct loop_info, lo_rdevice)", null),
        ("LoopInfo.OldOffsetOffset", "offsetof(struct loop_info, lo_offset)", null),
        ("LoopInfo.OldFlagsOffset", "offsetof(struct loop_info, lo_flags)", null),
        ("LoopInfo.OldNameOffset", "offsetof(struct loop_info, lo_name)", null),
        ("LoopInfo.ConfigFdOffset", "offsetof(struct loop_config, fd)", null),
        ("LoopInfo.ConfigBlockSizeOffset", "offsetof(struct loop_config, block_size)", null),
        ("LoopInfo.ConfigInfoOffset", "offsetof(struct loop_config, info)", null),
        .. ((string[])["LO_NAME_SIZE", "LO_KEY_SIZE", "LO_FLAGS_READ_ONLY", "LO_FLAGS_AUTOCLEAR", "LO_FLAGS_PARTSCAN", "LO_FLAGS_DIRECT_IO",
            "LO_CRYPT_NONE", "LO_CRYPT_XOR", "LO_CRYPT_CRYPTOAPI"]).Select(name => ($"LoopInfo.{name}", name, (string?)null)),
        .. Enum.GetNames<BlockIoctl>().Select(name => ($"BlockIoctl.{name}", name, (string?)(name == "BLKGETDISKSEQ" ? name : null))),
    ];

    /// <summary>What no header of user space can tell, and why it is right.</summary>
    private static readonly Dictionary<string, string> Excused = new()
    {
        ["DmFlags.None"] = "no bit",
        ["DmNameListFlags.None"] = "no bit",
        ["Errno.None"] = "success is no error number",
        ["Errno.ENOTSUPP"] = "internal to the kernel (include/linux/errno.h)",
        ["DmFlags.DM_EXISTS_FLAG"] = "gone from the header since 2.6, still in the numbering; the interface never sets it",
        ["DmCommands.DM_DIR"] = "text, checked in its own test",
        ["DmCommands.DM_CONTROL_NODE"] = "text, checked in its own test",
        ["DmControl.MaxBufferSize"] = "our own limit",
        ["DmRequest.DefaultBufferSize"] = "libdevmapper's habit",
        ["DmRequest.MaxDataSize"] = "internal to the kernel (DM_MAX_TARGETS, drivers/md/dm-core.h)",
        ["DeviceNumber.DmMajor"] = "allocated when the module is loaded",
        ["DeviceNumber.MinorBits"] = "internal to the kernel (include/linux/kdev_t.h); its encoding is checked in its own test",
        ["DeviceNumber.MaxMinor"] = "follows from MinorBits",
        ["Sectors.Shift"] = "a sector of tables is 512 bytes whatever the device (SECTOR_SHIFT, include/linux/blk_types.h)",
        ["Sectors.BytesPerSector"] = "follows from Shift",
    };

    /// <summary>Types that are about the link and the harness, not about Linux: those of the folders Calls and Machine.</summary>
    private static bool IsOurOwn(Type type) => OurOwn.Contains(type.Name);

    private static readonly HashSet<string> OurOwn =
    [
        .. Repository.CSharp.Where(file => file.IsIn("src/Abi/Calls") || file.IsIn("src/Abi/Machine"))
            .SelectMany(file => Regex.Matches(file.Text, @"\b(?:enum|class|struct|record|interface) (\w+)"))
            .Select(match => match.Groups[1].Value),
    ];

    private static IEnumerable<(string Ours, string C, string? OnlyWith)> Checked() =>
    [
        .. Layout,
        .. Enum.GetNames<DmFlags>().Select(name => ($"DmFlags.{name}", name, (string?)name)),
        .. Enum.GetNames<DmCommand>().Select(name => ($"DmCommand.{name}", name + "_CMD", (string?)name)),
        .. Enum.GetNames<Errno>().Select(name => ($"Errno.{name}", name, (string?)null)),
    ];

    /// <summary>Public constants and enum members of the assembly: "Type.Member" and the value.</summary>
    private static Dictionary<string, object> Ours() => typeof(DmIoctl).Assembly.GetExportedTypes()
        .Where(type => !IsOurOwn(type))
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(field => field.IsLiteral)
            .Select(field => ($"{type.Name}.{field.Name}", field.GetRawConstantValue()!)))
        .ToDictionary();

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static Dictionary<string, string> AskTheCompiler(IEnumerable<(string Ours, string C, string? OnlyWith)> rows)
    {
        var source = new StringBuilder(
            "#include <stdio.h>\n#include <stddef.h>\n#include <errno.h>\n#include <sys/ioctl.h>\n#include <linux/major.h>\n#include <linux/dm-ioctl.h>\n#include <linux/fs.h>\n#include <linux/loop.h>\n#include <linux/hdreg.h>\n#include <linux/blkpg.h>\n#include <linux/blkzoned.h>\n"
            + "int main(void)\n{\n");
        foreach (var (ours, c, onlyWith) in rows)
        {
            string line = $"printf(\"{ours} %llu\\n\", (unsigned long long)({c}));\n";
            source.Append(onlyWith is null ? line : $"#ifdef {onlyWith}\n{line}#endif\n");
        }
        source.Append("return 0;\n}\n");
        return CCompiler.RunProgram(source.ToString())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => words[1]);
    }

    private static void NeedACompiler()
    {
        if (CCompiler.Missing is { } why)
            Assert.Ignore(why);
    }

    [Test]
    public void Every_constant_has_the_value_that_the_C_header_gives_it()
    {
        NeedACompiler();
        var ours = Ours();
        var rows = Checked().Where(row => !Excused.ContainsKey(row.Ours)).ToArray();
        var theirs = AskTheCompiler(rows);
        var wrong = rows.Where(row => theirs.ContainsKey(row.Ours) && theirs[row.Ours] != Text(ours[row.Ours]))
            .Select(row => $"{row.Ours} is {ours[row.Ours]}, in C {row.C} is {theirs[row.Ours]}");
        Assert.That(wrong, Is.Empty);
        Assert.That(theirs, Has.Count.GreaterThan(200), "too few constants were compared to mean anything");
    }

    [Test]
    public void Every_request_number_is_that_of_the_C_macro()
    {
        NeedACompiler();
        var theirs = AskTheCompiler(Enum.GetNames<DmCommand>().Select(name => (name, name, (string?)name)));
        Assert.That(theirs, Has.Count.GreaterThanOrEqualTo(16));
        foreach (var (name, value) in theirs)
            Assert.That(Text(Enum.Parse<DmCommand>(name).Request()), Is.EqualTo(value), name);
    }

    [Test]
    public void Every_public_constant_is_checked_or_excused()
    {
        var known = Checked().Select(row => row.Ours).Concat(Excused.Keys).ToHashSet();
        Assert.That(Ours().Keys.Where(name => !known.Contains(name)), Is.Empty, "checked against C nowhere: add a row or an excuse");
        Assert.That(known.Where(name => !Ours().ContainsKey(name)), Is.Empty, "rows and excuses for constants that are gone");
    }

    [Test]
    public void Names_of_nodes_are_those_of_the_C_header()
    {
        NeedACompiler();
        string theirs = CCompiler.RunProgram(
            "#include <stdio.h>\n#include <linux/dm-ioctl.h>\nint main(void) { puts(DM_DIR \"/\" DM_CONTROL_NODE); return 0; }\n");
        Assert.That(theirs.Trim(), Is.EqualTo($"{DmCommands.DM_DIR}/{DmCommands.DM_CONTROL_NODE}"));
    }

    [Test]
    public void Every_errno_has_the_text_that_C_prints()
    {
        NeedACompiler();
        var source = new StringBuilder("#include <stdio.h>\n#include <string.h>\nint main(void)\n{\n");
        foreach (var errno in Enum.GetValues<Errno>())
            source.Append(CultureInfo.InvariantCulture, $"printf(\"%s\\n\", strerror({(int)errno}));\n");
        source.Append("return 0;\n}\n");
        string[] theirs = CCompiler.RunProgram(source.ToString()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(Enum.GetValues<Errno>().Select(errno => errno.Message()), Is.EqualTo(theirs));
    }

    [Test]
    public void Device_numbers_are_encoded_as_the_C_library_does()
    {
        NeedACompiler();
        uint[] majors = [0, 1, 7, 254, 255, 256, 4095];
        uint[] minors = [0, 1, 63, 255, 256, 65535, 65536, DeviceNumber.MaxMinor];
        var numbers = majors.SelectMany(major => minors.Select(minor => new DeviceNumber(major, minor))).ToArray();
        var source = new StringBuilder("#include <stdio.h>\n#include <sys/sysmacros.h>\nint main(void)\n{\n");
        foreach (var number in numbers)
        {
            source.Append(CultureInfo.InvariantCulture,
                $"printf(\"%llu\\n\", (unsigned long long)makedev({number.Major}, {number.Minor}));\n");
        }
        source.Append("return 0;\n}\n");
        string[] theirs = CCompiler.RunProgram(source.ToString()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(numbers.Select(number => Text(number.Encode())), Is.EqualTo(theirs));
        Assert.That(numbers.Select(number => DeviceNumber.Decode(number.Encode())), Is.EqualTo(numbers));
    }
}
