using System.Buffers.Binary;
using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>
/// What a 64-bit little-endian ELF file says about what it needs: enough to gather shared libraries and to order modules.
/// Any bytes give an object or null, never an exception.
/// </summary>
public sealed class ElfFile
{
    private const uint ProgramLoad = 1, ProgramDynamic = 2, ProgramInterpreter = 3;
    private const long DynamicNeeded = 1, DynamicStringTable = 5, DynamicRpath = 15, DynamicRunpath = 29;

    private readonly byte[] _file;

    private ElfFile(byte[] file) => _file = file;

    /// <summary>The dynamic loader's path; null for a library or a static program.</summary>
    public string? Interpreter { get; private set; }

    /// <summary>DT_NEEDED, in order.</summary>
    public IReadOnlyList<string> Needed { get; private set; } = [];

    /// <summary>DT_RUNPATH's folders, or DT_RPATH's where there is none. $ORIGIN is left as it is.</summary>
    public IReadOnlyList<string> RunPath { get; private set; } = [];

    public static ElfFile? TryParse(byte[] file)
    {
        if (file.Length < 64 || BinaryPrimitives.ReadUInt32BigEndian(file) != 0x7f454c46 || file[4] != 2 || file[5] != 1)
            return null;
        var elf = new ElfFile(file);
        elf.ReadProgramHeaders();
        return elf;
    }

    private void ReadProgramHeaders()
    {
        ulong table = U64(32);
        int size = U16(54), count = U16(56);
        var loads = new List<(ulong Address, ulong Offset, ulong Size)>();
        (ulong Offset, ulong Size) dynamic = default;
        for (int i = 0; i < count; i++)
        {
            ulong at = unchecked(table + (ulong)(i * size));
            var (type, offset, address, length) = (U32(at), U64(unchecked(at + 8)), U64(unchecked(at + 16)), U64(unchecked(at + 32)));
            if (type == ProgramLoad)
                loads.Add((address, offset, length));
            else if (type == ProgramDynamic)
                dynamic = (offset, length);
            else if (type == ProgramInterpreter)
                Interpreter = Text(offset);
        }
        if (dynamic.Size > 0)
            ReadDynamic(dynamic.Offset, dynamic.Size, loads);
    }

    private void ReadDynamic(ulong offset, ulong size, List<(ulong Address, ulong Offset, ulong Size)> loads)
    {
        var entries = new List<(long Tag, ulong Value)>();
        ulong count = Math.Min(size, (ulong)_file.Length) / 16;
        for (ulong i = 0; i < count; i++)
        {
            long tag = unchecked((long)U64(unchecked(offset + i * 16)));
            if (tag == 0)
                break;
            entries.Add((tag, U64(unchecked(offset + i * 16 + 8))));
        }
        ulong address = entries.FirstOrDefault(e => e.Tag == DynamicStringTable).Value;
        var home = loads.FirstOrDefault(l => address >= l.Address && address - l.Address < l.Size);
        ulong strings = unchecked(address - home.Address + home.Offset);
        Needed = [.. entries.Where(e => e.Tag == DynamicNeeded).Select(e => Text(unchecked(strings + e.Value))).Where(n => n.Length > 0)];
        var paths = entries.Where(e => e.Tag == DynamicRunpath).Concat(entries.Where(e => e.Tag == DynamicRpath)).Take(1);
        RunPath = [.. paths.SelectMany(e => Text(unchecked(strings + e.Value)).Split(':', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>The bytes of a section; null when there is none of that name.</summary>
    public byte[]? Section(string name)
    {
        ulong table = U64(40);
        int size = U16(58), count = U16(60), names = U16(62);
        ulong nameBase = U64(unchecked(table + (ulong)(names * size) + 24));
        for (int i = 0; i < count; i++)
        {
            ulong at = unchecked(table + (ulong)(i * size));
            if (Text(unchecked(nameBase + U32(at))) != name)
                continue;
            ulong offset = U64(unchecked(at + 24)), length = U64(unchecked(at + 32));
            if (offset > (ulong)_file.Length || length > (ulong)_file.Length - offset)
                return null;
            return _file.AsSpan((int)offset, (int)length).ToArray();
        }
        return null;
    }

    private ushort U16(ulong at) => Has(at, 2) ? BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan((int)at)) : (ushort)0;
    private uint U32(ulong at) => Has(at, 4) ? BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan((int)at)) : 0;
    private ulong U64(ulong at) => Has(at, 8) ? BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan((int)at)) : 0;
    private bool Has(ulong at, ulong size) => at <= (ulong)_file.Length && size <= (ulong)_file.Length - at;

    private string Text(ulong at)
    {
        if (at >= (ulong)_file.Length)
            return "";
        var rest = _file.AsSpan((int)at);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
    }
}
