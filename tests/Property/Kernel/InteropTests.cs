using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using DmSim.Kernel.Interop;
using DmSim.Property.Abi;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

/// <summary>Every constant and every layout of the native calls, against what a C compiler says of this system's headers.</summary>
public sealed class InteropTests
{
    /// <summary>What is called otherwise in C.</summary>
    private static readonly Dictionary<string, string> InC = new()
    {
        ["BPF_LD_W_ABS"] = "BPF_LD|BPF_W|BPF_ABS",
        ["BPF_ALU_AND_K"] = "BPF_ALU|BPF_AND|BPF_K",
        ["BPF_JMP_JEQ_K"] = "BPF_JMP|BPF_JEQ|BPF_K",
        ["BPF_JMP_JGE_K"] = "BPF_JMP|BPF_JGE|BPF_K",
        ["BPF_RET_K"] = "BPF_RET|BPF_K",
        ["SizeOfSpawnAttributes"] = "sizeof(posix_spawnattr_t)",
        ["SizeOfSignalSet"] = "sizeof(sigset_t)",
    };

    /// <summary>Structures of which only the first fields are used.</summary>
    private static readonly string[] Prefixes = ["fuse_init_in"];

    private static string Header(bool withMount) => "#define _GNU_SOURCE\n" + string.Concat(((string[])
        ["stdio.h", "stddef.h", "fcntl.h", "unistd.h", "poll.h", "sched.h", "signal.h", "spawn.h", "time.h", "sys/stat.h", "sys/mman.h", "sys/syscall.h",
         "sys/socket.h", "sys/uio.h", "sys/reboot.h", "sys/prctl.h", "sys/wait.h", "sys/personality.h", "sys/ioctl.h", "linux/netlink.h", "linux/module.h", "linux/loop.h",
         "linux/fuse.h", "linux/seccomp.h", "linux/filter.h", "linux/audit.h", "linux/futex.h", "linux/falloc.h", "linux/ioprio.h", withMount ? "sys/mount.h" : "linux/fs.h"])
        .Select(name => $"#include <{name}>\n"));

    private static IEnumerable<FieldInfo> Constants => typeof(Libc).GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(constant => constant.IsLiteral);

    private static Dictionary<string, string> Ask(bool withMount, IEnumerable<(string Name, string C)> rows)
    {
        if (CCompiler.Missing is { } why)
            Assert.Ignore(why);
        var source = new StringBuilder(Header(withMount)).Append("int main(void)\n{\n");
        foreach (var (name, c) in rows)
            source.Append(CultureInfo.InvariantCulture, $"printf(\"{name} %llu\\n\", (unsigned long long)({c}));\n");
        source.Append("return 0;\n}\n");
        return CCompiler.RunProgram(source.ToString()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1]);
    }

    private static string Text(object value) => value switch
    {
        int or short => unchecked((ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>sys/mount.h and linux/fs.h cannot be had together.</summary>
    private static bool IsOfMount(string name) => name.StartsWith("MS_", StringComparison.Ordinal) || name == "MNT_DETACH";

    [TestCase(true)]
    [TestCase(false)]
    public void Constants_are_those_of_the_headers(bool ofMount)
    {
        var ours = Constants.Where(field => IsOfMount(field.Name) == ofMount).ToDictionary(field => field.Name, field => Text(field.GetRawConstantValue()!));
        Assert.That(Ask(ofMount, ours.Keys.Select(name => (name, InC.GetValueOrDefault(name, name)))), Is.EquivalentTo(ours));
    }

    [Test]
    public void Opcodes_of_FUSE_are_those_of_the_header()
    {
        var ours = Enum.GetValues<fuse_opcode>().ToDictionary(code => code.ToString(), code => ((uint)code).ToString(CultureInfo.InvariantCulture));
        Assert.That(Ask(false, ours.Keys.Select(name => (name, name))), Is.EquivalentTo(ours));
    }

    [Test]
    public void Structures_lie_as_the_headers_have_them()
    {
        var ours = new Dictionary<string, string>();
        var rows = new List<(string, string)>();
        foreach (var type in typeof(Libc).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(Libc).Namespace && type.IsValueType && !type.IsEnum && !type.IsNested))
        {
            if (!Prefixes.Contains(type.Name))
            {
                ours.Add(type.Name, Marshal.SizeOf(type).ToString(CultureInfo.InvariantCulture));
                rows.Add((type.Name, $"sizeof(struct {type.Name})"));
            }
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance)
                .Where(field => !field.Name.StartsWith("__", StringComparison.Ordinal)))
            {
                string name = $"{type.Name}.{field.Name}";
                ours.Add(name, Marshal.OffsetOf(type, field.Name).ToString());
                rows.Add((name, $"offsetof(struct {type.Name}, {field.Name})"));
            }
        }
        Assert.That(ours, Has.Count.GreaterThan(100));
        Assert.That(Ask(false, rows), Is.EquivalentTo(ours));
    }
}
