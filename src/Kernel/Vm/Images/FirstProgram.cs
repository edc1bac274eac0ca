using System.Buffers.Binary;
using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>
/// The guest's very first program, a few dozen instructions: mounts /proc, then becomes the agent with the arguments and environment
/// that the kernel gave. .NET asks the C library for the bounds of its first stack, which are read from /proc/self/maps, so it cannot
/// start before.
/// </summary>
internal static class FirstProgram
{
    private const ulong LoadAddress = 0x400000;
    private const int ElfHeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int CodeOffset = ElfHeaderSize + ProgramHeaderSize;
    private const byte SYS_mount = 165, SYS_execve = 59, SYS_exit = 60;
    private const byte CannotExecute = 127;

    /// <summary>The file's bytes: a static x86-64 ELF program.</summary>
    /// <param name="next">Absolute path of the program that it becomes.</param>
    public static byte[] Build(string next)
    {
        var code = new Code();
        code.LoadAddressOf(Rdi, "proc");
        code.LoadAddressOf(Rsi, "/proc");
        code.LoadAddressOf(Rdx, "proc");
        code.Emit(0x4d, 0x31, 0xd2);                    // xor r10, r10   flags
        code.Emit(0x4d, 0x31, 0xc0);                    // xor r8, r8     data
        code.SystemCall(SYS_mount);
        code.LoadAddressOf(Rdi, next);
        code.Emit(0x48, 0x8d, 0x74, 0x24, 0x08);        // lea rsi, [rsp + 8]             argv
        code.Emit(0x48, 0x8b, 0x04, 0x24);              // mov rax, [rsp]                 argc
        code.Emit(0x48, 0x8d, 0x54, 0xc6, 0x08);        // lea rdx, [rsi + 8 * rax + 8]   envp
        code.SystemCall(SYS_execve);
        code.Emit(0xbf, CannotExecute, 0, 0, 0);        // mov edi, 127
        code.SystemCall(SYS_exit);
        byte[] body = code.Finish();
        byte[] file = new byte[CodeOffset + body.Length];
        WriteHeaders(file);
        body.CopyTo(file, CodeOffset);
        return file;
    }

    private const byte Rdi = 0x3d, Rsi = 0x35, Rdx = 0x15;

    private static void WriteHeaders(Span<byte> file)
    {
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;                                                                  // 64 bits
        file[5] = 1;                                                                  // little endian
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 2);                      // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], 62);                     // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file[24..], LoadAddress + CodeOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(file[32..], ElfHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[52..], ElfHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[54..], ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[56..], 1);
        var segment = file[ElfHeaderSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);                         // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5);                    // readable, executable
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x1000);
    }

    /// <summary>Instructions, with the strings that they point at behind them.</summary>
    private sealed class Code
    {
        private readonly List<byte> _bytes = [];
        private readonly List<(int At, string Text)> _references = [];

        public void Emit(params ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

        /// <summary>lea register, [rip + distance to the string].</summary>
        public void LoadAddressOf(byte register, string text)
        {
            Emit(0x48, 0x8d, register);
            _references.Add((_bytes.Count, text));
            Emit(0, 0, 0, 0);
        }

        /// <summary>mov eax, number; syscall.</summary>
        public void SystemCall(byte number) => Emit(0xb8, number, 0, 0, 0, 0x0f, 0x05);

        public byte[] Finish()
        {
            foreach (var (at, text) in _references)
            {
                byte[] distance = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(distance, _bytes.Count - (at + 4));
                for (int i = 0; i < 4; i++)
                    _bytes[at + i] = distance[i];
                _bytes.AddRange(Encoding.UTF8.GetBytes(text + "\0"));
            }
            return [.. _bytes];
        }
    }
}
