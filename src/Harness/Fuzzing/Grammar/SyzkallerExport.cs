using System.Globalization;
using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>
/// The grammar as a description for syzkaller (docs/syscall_descriptions_syntax.md): the device-mapper's control node, its commands, and the
/// words of every target as packed structures of text.
/// </summary>
public sealed class SyzkallerExport
{
    private readonly StringBuilder _types = new();
    private readonly string _target;
    private int _number;

    private SyzkallerExport(string target) => _target = target;

    public static string Write(IReadOnlyList<TargetGrammar> targets)
    {
        var text = new StringBuilder(Head);
        foreach (var command in Enum.GetValues<DmCommand>())
            text.Append(CultureInfo.InvariantCulture, $"ioctl${command}(fd fd_dm, cmd const[0x{command.Request():x}], arg ptr[inout, {Payload(command)}])\n");
        text.Append(Structures);
        text.Append("\ndm_table_line [\n");
        foreach (var target in targets)
            text.Append(CultureInfo.InvariantCulture, $"\t{Plain(target.Name)}\tdm_spec[dm_type_{Plain(target.Name)}, dm_words_{Plain(target.Name)}]\n");
        text.Append("] [varlen]\n\ndm_message [\n\tcore\tdm_core_message\n");
        foreach (var target in targets.Where(target => target.Messages.Count > 0))
            text.Append(CultureInfo.InvariantCulture, $"\t{Plain(target.Name)}\tdm_message_{Plain(target.Name)}\n");
        text.Append("] [varlen]\n");
        foreach (var target in targets)
            text.Append(Target(target));
        return text.ToString();
    }

    private static string Target(TargetGrammar target)
    {
        var export = new SyzkallerExport(Plain(target.Name));
        string words = export.Define("words", target.Parameters);
        var text = new StringBuilder($"\n# {target.Name}\ntype dm_type_{Plain(target.Name)} string[\"{target.Name}\", {DmIoctl.DM_MAX_TYPE_NAME}]\n");
        if (target.Messages.Count > 0)
            export.Union($"dm_message_{Plain(target.Name)}", target.Messages);
        text.Append(export._types);
        return words == $"dm_words_{Plain(target.Name)}" ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $"type dm_words_{Plain(target.Name)} {words}\n").ToString();
    }

    private static string Plain(string name) => name.Replace('-', '_');

    /// <summary>The type of a part, defined first where it needs a definition.</summary>
    private string Define(string role, Part part)
    {
        switch (part)
        {
            case Part.Word word: return $"stringnoz[\"{word.Text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";
            case Part.Number number: return Number(number);
            case Part.Hex: return "dm_hex";
            case Part.Device device: return device.Use == DeviceUse.Pool ? "dm_dev_mapped" : "dm_dev_text";
            case Part.Glued glued: return Struct(Name(role), [$"stringnoz[\"{glued.Before}\"]", Define(role + "_value", glued.Inner)]);
            case Part.OneOf choice when choice.Options.All(option => option is Part.Word): return Strings(Name(role), choice);
            case Part.OneOf choice: return Union(Name(role), choice.Options);
            case Part.Sequence { Parts.Count: 0 }: return "void";
            case Part.Sequence all: return Struct(Name(role), Separated([.. all.Parts.Select((inner, i) => Define($"{role}_{i}", inner))]));
            case Part.Maybe maybe: return Union(Name(role), [new Part.Sequence([]), maybe.Inner]);
            case Part.Features features:
                string option = Union(Name(role), features.Options);
                return Struct(Name(role), ["fmt[dec, int32[0:16]]", $"array[dm_spaced[{option}], 0:{features.Options.Count.ToString(CultureInfo.InvariantCulture)}]"]);
            case Part.Times times:
                string each = Define(role + "_each", times.Each);
                string count = string.Create(CultureInfo.InvariantCulture, $"fmt[dec, int32[{times.Least}:{times.Most}]]");
                string[] between = times.Between is { } middle ? ["const[0x20, int8]", Define(role + "_between", middle)] : [];
                return Struct(Name(role), [count, .. between, string.Create(CultureInfo.InvariantCulture, $"array[dm_spaced[{each}], {times.Least}:{times.Most}]")]);
            default: throw new ArgumentOutOfRangeException(nameof(part), part, "a part without a form for syzkaller");
        }
    }

    /// <summary>A named set of strings: a type cannot list several itself.</summary>
    private string Strings(string name, Part.OneOf choice)
    {
        string words = string.Join(", ", choice.Options.Cast<Part.Word>().Select(word => $"\"{word.Text}\"").Distinct());
        _types.Append(CultureInfo.InvariantCulture, $"{name}_set = {words}\n");
        return $"stringnoz[{name}_set]";
    }

    private static string Number(Part.Number number) => number.First == 0 && number.Last == (number.Bits == 32 ? uint.MaxValue : ulong.MaxValue)
        ? $"fmt[dec, int{number.Bits}]" : string.Create(CultureInfo.InvariantCulture, $"fmt[dec, int{number.Bits}[{number.First}:{number.Last}]]");

    private static IReadOnlyList<string> Separated(IReadOnlyList<string> types) =>
        [.. types.SelectMany((type, i) => i == 0 ? [type] : (string[])["const[0x20, int8]", type])];

    private string Name(string role) => _number++ == 0 && role == "words" ? $"dm_words_{_target}" : string.Create(CultureInfo.InvariantCulture, $"dm_{_target}_{role}_{_number}");

    private string Struct(string name, IReadOnlyList<string> fields)
    {
        _types.Append(name).Append(" {\n");
        for (int i = 0; i < fields.Count; i++)
            _types.Append(CultureInfo.InvariantCulture, $"\tf{i}\t{fields[i]}\n");
        _types.Append("} [packed]\n");
        return name;
    }

    private string Union(string name, IReadOnlyList<Part> options)
    {
        string[] types = [.. options.Select((option, i) => Define($"{name}_{i}".Replace($"dm_{_target}_", "", StringComparison.Ordinal), option)).Distinct()];
        _types.Append(name).Append(" [\n");
        for (int i = 0; i < types.Length; i++)
            _types.Append(CultureInfo.InvariantCulture, $"\tu{i}\t{types[i]}\n");
        _types.Append("] [varlen]\n");
        return name;
    }

    private static string Payload(DmCommand command) => command switch
    {
        DmCommand.DM_TABLE_LOAD => "dm_ioctl[array[dm_table_line, 1:4]]",
        DmCommand.DM_TARGET_MSG => "dm_ioctl[dm_target_msg]",
        DmCommand.DM_DEV_RENAME => "dm_ioctl[dm_name]",
        DmCommand.DM_DEV_SET_GEOMETRY => "dm_ioctl[dm_geometry]",
        DmCommand.DM_GET_TARGET_VERSION => "dm_ioctl[void]",
        _ => "dm_ioctl[array[int8, 0:1024]]",
    };

    private const string Head = """
        # The device-mapper's control node. Written by "dmsim fuzz --syz".

        include <linux/ioctl.h>
        include <linux/dm-ioctl.h>

        resource fd_dm[fd]

        openat$dm_control(fd const[AT_FDCWD], file ptr[in, string["/dev/mapper/control"]], flags const[O_RDWR], mode const[0]) fd_dm


        """;

    private const string Structures = """

        type dm_ioctl[PAYLOAD] {
        	version_major	const[4, int32]
        	version_minor	int32[0:50]
        	version_patch	int32[0:50]
        	data_size	bytesize[parent, int32]
        	data_start	const[312, int32]
        	target_count	int32[0:4]
        	open_count	const[0, int32]
        	flags	flags[dm_flags, int32]
        	event_nr	int32[0:4]
        	padding	const[0, int32]
        	dev	int64[0:0x1ff]
        	name	string[dm_names, 128]
        	uuid	string[dm_uuids, 129]
        	data	array[const[0, int8], 7]
        	payload	PAYLOAD
        } [packed]

        type dm_spec[TYPE, WORDS] {
        	sector_start	int64[0:8192]
        	length	int64[0:8192]
        	status	const[0, int32]
        	next	bytesize[parent, int32]
        	target_type	TYPE
        	words	WORDS
        	end	const[0, int8]
        } [packed, align[8]]

        dm_target_msg {
        	sector	int64[0:8192]
        	message	dm_message
        	end	const[0, int8]
        } [packed]

        type dm_spaced[WORD] {
        	blank	const[0x20, int8]
        	word	WORD
        } [packed]

        type dm_name string[dm_names]
        type dm_geometry string[dm_geometries]
        type dm_core_message stringnoz[dm_core_messages]

        dm_dev_mapped {
        	major	stringnoz["254:"]
        	minor	fmt[dec, int32[0:7]]
        } [packed]

        dm_dev_loop {
        	major	stringnoz["7:"]
        	minor	fmt[dec, int32[0:7]]
        } [packed]

        dm_dev_path {
        	path	stringnoz["/dev/loop"]
        	minor	fmt[dec, int32[0:7]]
        } [packed]

        dm_dev_text [
        	loop	dm_dev_loop
        	path	dm_dev_path
        	mapped	dm_dev_mapped
        ] [varlen]

        type dm_hex array[int8['0':'9'], 2:128]

        dm_names = "d0", "d1", "d2", ""
        dm_uuids = "", "u0", "CRYPT-u1", "LVM-u2"
        dm_geometries = "100 16 63 0", "0 0 0 0", "65536 256 256 1"
        dm_core_messages = "@cancel_deferred_remove", "@stats_list", "@stats_create - /4", "@stats_create 0+128 8 precise_timestamps", "@stats_print 0", "@stats_clear 0", "@stats_delete 0"
        dm_flags = DM_READONLY_FLAG, DM_SUSPEND_FLAG, DM_PERSISTENT_DEV_FLAG, DM_STATUS_TABLE_FLAG, DM_ACTIVE_PRESENT_FLAG, DM_INACTIVE_PRESENT_FLAG, DM_BUFFER_FULL_FLAG, DM_SKIP_BDGET_FLAG, DM_SKIP_LOCKFS_FLAG, DM_NOFLUSH_FLAG, DM_QUERY_INACTIVE_TABLE_FLAG, DM_UEVENT_GENERATED_FLAG, DM_UUID_FLAG, DM_SECURE_DATA_FLAG, DM_DATA_OUT_FLAG, DM_DEFERRED_REMOVE, DM_INTERNAL_SUSPEND_FLAG, DM_IMA_MEASUREMENT_FLAG

        """;
}
