using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Writes an archive in the format that the kernel unpacks at boot: cpio "newc" (Documentation/driver-api/early-userspace/
/// buffer-format.rst). Deterministic: no owner, no time, inodes counted from 1, parents before children.
/// </summary>
public sealed class CpioWriter : IDisposable
{
    private const uint Directory = 0x4000, RegularFile = 0x8000, SymbolicLink = 0xA000, CharacterDevice = 0x2000;

    private readonly Stream _stream;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _written;
    private uint _inode;

    /// <param name="stream">Stays open.</param>
    public CpioWriter(Stream stream) => _stream = stream;

    /// <summary>Whether a path is in the archive already.</summary>
    public bool Contains(string path) => _names.Contains(path.Trim('/'));

    public void AddDirectory(string path, uint permissions = (uint)0x1ED)
    {
        path = path.Trim('/');
        if (path.Length > 0 && !_names.Contains(path))
            AddEntry(path, Directory | permissions, ReadOnlySpan<byte>.Empty);
    }

    public void AddFile(string path, ReadOnlySpan<byte> contents, bool executable) =>
        AddEntry(path, RegularFile | (executable ? 0x1EDu : 0x1A4u), contents);

    /// <summary>Copies a file of the host.</summary>
    public void AddFile(string path, string hostFile)
    {
        byte[] contents;
        try
        {
            contents = File.ReadAllBytes(hostFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{hostFile} cannot be read ({e.Message.TrimEnd('.')}), but the guest needs it: check its permissions.", e);
        }
        AddFile(path, contents, (File.GetUnixFileMode(hostFile) & UnixFileMode.UserExecute) != 0);
    }

    public void AddSymbolicLink(string path, string target) =>
        AddEntry(path, SymbolicLink | 0x1FF, Encoding.UTF8.GetBytes(target));

    public void AddCharacterDevice(string path, uint major, uint minor) =>
        AddEntry(path, CharacterDevice | 0x1B6, ReadOnlySpan<byte>.Empty, major, minor);

    private void AddEntry(string path, uint mode, ReadOnlySpan<byte> contents, uint major = 0, uint minor = 0)
    {
        path = path.Trim('/');
        ArgumentException.ThrowIfNullOrEmpty(path);
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            AddDirectory(path[..slash]);
        if (!_names.Add(path))
            throw new ArgumentException($"{path} is in the archive already", nameof(path));
        WriteHeader(path, mode, checked((uint)contents.Length), major, minor, ++_inode);
        Write(contents);
        Pad();
    }

    private void WriteHeader(string path, uint mode, uint size, uint major, uint minor, uint inode)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        uint links = (mode & 0xF000) == Directory ? 2u : 1u;
        uint[] fields = [inode, mode, 0, 0, links, 0, size, 0, 0, major, minor, checked((uint)name.Length + 1), 0];
        Write("070701"u8);
        foreach (uint field in fields)
            Write(Encoding.ASCII.GetBytes(field.ToString("X8")));
        Write(name);
        Write([0]);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _written += bytes.Length;
    }

    private void Pad() => Write(stackalloc byte[(int)(-_written & 3)]);

    /// <summary>Ends the archive. Padded to 512 bytes, so that another archive may follow in the same file.</summary>
    public void Dispose()
    {
        WriteHeader("TRAILER!!!", 0, 0, 0, 0, 0);
        Write(stackalloc byte[(int)(-_written & 511)]);
    }
}
