using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>A simulated machine with loop devices and tables in one line each. What must not fail is asserted on the way.</summary>
internal sealed class TestMachine
{
    public ModelMachine Machine { get; } = new(KernelProfile.Linux61);

    private readonly DmControl _control;

    /// <param name="loopSectors">Size of each loop device that is attached from the start.</param>
    public TestMachine(params ulong[] loopSectors)
    {
        _control = new DmControl(Machine);
        for (int i = 0; i < loopSectors.Length; i++)
            Assert.That(Now(Machine.Loops.AttachAsync(i, loopSectors[i] * 512, readOnly: false)), Is.EqualTo(Errno.None));
        Log();
        Machine.Uevents.TakeNew();
    }

    /// <summary>What a task that must not have to wait answers.</summary>
    public static T Now<T>(ValueTask<T> task)
    {
        Assert.That(task.IsCompleted, "the call waits");
        return task.Result;
    }

    /// <summary>New lines of the kernel's log.</summary>
    public string[] Log() => [.. Machine.Log.TakeNew().Select(line => line.Text)];

    /// <summary>dmsetup create NAME --table TABLE. Answers the device.</summary>
    public DeviceNumber Create(string name, string table, bool readOnly = false)
    {
        Assert.That(Now(_control.CreateAsync(name)).Errno, Is.EqualTo(Errno.None));
        Assert.That(Load(name, table, readOnly), Is.EqualTo(Errno.None), () => string.Join('\n', Log()));
        return Resume(name);
    }

    public Errno Load(string name, string table, bool readOnly = false)
    {
        Assert.That(TableText.TryParse(table, out var lines, out string reason), reason);
        return Now(_control.LoadAsync(name, lines, readOnly)).Errno;
    }

    public DeviceNumber Resume(string name)
    {
        var reply = Now(_control.ResumeAsync(name));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        return reply.Header.Device;
    }

    public ValueTask<DmReply> SuspendAsync(string name, bool noFlush = false) =>
        _control.SuspendAsync(name, noFlush);

    public void Suspend(string name) => Assert.That(Now(SuspendAsync(name)).Errno, Is.EqualTo(Errno.None));

    public Errno Remove(string name) => Now(_control.RemoveAsync(name)).Errno;

    /// <summary>
    /// Why the kernel refuses a table line: its words between the type and the errno, and the errno.
    /// </summary>
    public (Errno Errno, string Reason) Refusal(string line)
    {
        string type = line.Split(' ')[2];
        Assert.That(Now(_control.CreateAsync("refused")).Errno, Is.EqualTo(Errno.None));
        Log();
        var errno = Load("refused", line);
        Assert.That(Remove("refused"), Is.EqualTo(Errno.None));
        string prefix = $"device-mapper: table: 254:0: {type}: ";
        string text = Log().FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal)) ?? prefix;
        return (errno, text[prefix.Length..].Replace($" (-{errno})", "", StringComparison.Ordinal));
    }

    public string Table(string name) => TableText.Print(Now(_control.TableAsync(name)).Value!).TrimEnd('\n');

    public string Status(string name) => TableText.Print(Now(_control.StatusAsync(name)).Value!).TrimEnd('\n');

    /// <summary>dmsetup message NAME 0 TEXT. The answer, "" where there is none, or the errno.</summary>
    public string Message(string name, string text)
    {
        var result = Now(MessageAsync(name, text));
        return result.Reply.Errno == Errno.None ? result.Value ?? "" : result.Reply.Errno.ToString();
    }

    public ValueTask<DmResult<string>> MessageAsync(string name, string text) => _control.MessageAsync(name, text);

    public uint EventNr(string name) => Now(_control.InfoAsync(name)).Header.EventNr;

    public TestFile Open(DeviceNumber device, OpenMode mode = OpenMode.ReadWrite)
    {
        Assert.That(TryOpen(device, mode, out var file), Is.EqualTo(Errno.None));
        return file!;
    }

    public Errno TryOpen(DeviceNumber device, OpenMode mode, out TestFile? file)
    {
        var errno = Machine.Open(device, mode, out var handle);
        file = handle is null ? null : new TestFile(handle);
        return errno;
    }

    /// <summary>Opens loop device N.</summary>
    public TestFile Loop(int index) => Open(DeviceNumber.Loop(index));

    public void Sleep(int milliseconds) =>
        Machine.Clock.AdvanceToAsync(Machine.Clock.Now + TimeSpan.FromMilliseconds(milliseconds)).AsTask().Wait();
}

/// <summary>An open device by sectors.</summary>
internal sealed class TestFile(IOpenDevice handle) : IDisposable
{
    public IOpenDevice Handle { get; } = handle;

    public void Dispose() => Handle.Dispose();

    public ValueTask<IoResult> WriteAsync(ulong sector, byte[] data) => Handle.WriteAsync(sector * 512, data);

    /// <summary>Writes sectors of one byte.</summary>
    public Errno Write(ulong sector, int count, byte value) =>
        TestMachine.Now(WriteAsync(sector, Filled(count, value))).Errno;

    public Errno Read(ulong sector, int count, out byte[] data)
    {
        data = new byte[count * 512];
        return TestMachine.Now(Handle.ReadAsync(sector * 512, data)).Errno;
    }

    /// <summary>The first byte of each sector, in hexadecimal: "11 11 22".</summary>
    public string Sectors(ulong sector, int count)
    {
        Assert.That(Read(sector, count, out byte[] data), Is.EqualTo(Errno.None));
        return string.Join(' ', Enumerable.Range(0, count).Select(i => data[i * 512].ToString("x2")));
    }

    public Errno Discard(ulong sector, ulong count) => TestMachine.Now(Handle.DiscardAsync(sector * 512, count * 512));
    public Errno ZeroOut(ulong sector, ulong count) => TestMachine.Now(Handle.ZeroOutAsync(sector * 512, count * 512));
    public Errno SecureErase(ulong sector, ulong count) => TestMachine.Now(Handle.SecureEraseAsync(sector * 512, count * 512));
    public Errno Flush() => TestMachine.Now(Handle.FlushAsync());

    public static byte[] Filled(int sectors, byte value)
    {
        byte[] data = new byte[sectors * 512];
        Array.Fill(data, value);
        return data;
    }
}
