using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>syslog(2), sync(2) and uname(2): what they answer is the simulated kernel's.</summary>
internal sealed class SystemTraps
{
    // include/linux/syslog.h
    private const int ReadAll = 3, ReadClear = 4, Clear = 5, ConsoleOff = 6, ConsoleOn = 7, ConsoleLevel = 8, SizeUnread = 9, SizeBuffer = 10;

    private const int NameLength = 65;

    private readonly Simulation _simulation;
    private readonly Supervisor _supervisor;
    private readonly string _release;

    public SystemTraps(Simulation simulation, Supervisor supervisor, string release)
    {
        _simulation = simulation;
        _supervisor = supervisor;
        _release = release;
        supervisor.Handle(Libc.SYS_syslog, Syslog);
        supervisor.Handle(Libc.SYS_uname, NameSystem);
        supervisor.Handle(Libc.SYS_sync, call => supervisor.Enter(call, SyncAsync, _ => supervisor.Continue(call)));
    }

    private static async ValueTask<Errno> SyncAsync(IHostedMachine machine)
    {
        await machine.SyncAsync();
        return Errno.None;
    }

    /// <summary>do_syslog (kernel/printk/printk.c, 6.1).</summary>
    private void Syslog(TrappedCall call)
    {
        int action = (int)call.Argument(0);
        switch (action)
        {
            case ReadAll or ReadClear:
                ReadLog(call, action == ReadClear);
                break;
            case Clear:
                _simulation.Enter();
                _simulation.Log.Clear();
                _simulation.Exit();
                _supervisor.Return(call, 0);
                break;
            case ConsoleOff or ConsoleOn or ConsoleLevel or SizeUnread:
                _supervisor.Return(call, 0);
                break;
            case SizeBuffer:
                _supervisor.Return(call, KernelLog.BufferBytes);
                break;
            default:
                _supervisor.Fail(call, Errno.EINVAL);
                break;
        }
    }

    /// <summary>The newest records that fit the caller's buffer.</summary>
    private void ReadLog(TrappedCall call, bool clear)
    {
        int room = (int)Math.Min(call.Argument(2), KernelLog.BufferBytes);
        _simulation.Enter();
        var lines = _simulation.Log.From(_simulation.Log.Cleared).Select(KernelLog.ToSyslog).ToList();
        if (clear)
            _simulation.Log.Clear();
        _simulation.Exit();
        int first = lines.Count;
        for (int bytes = 0; first > 0 && bytes + lines[first - 1].Length <= room; first--)
            bytes += lines[first - 1].Length;
        byte[] text = Encoding.Latin1.GetBytes(string.Concat(lines.Skip(first)));
        var written = Libc.WriteMemory(call.Thread, call.Argument(1), text);
        _supervisor.Answer(call, written.Count == text.Length || text.Length == 0 ? Errno.None : Errno.EFAULT, text.Length);
    }

    private void NameSystem(TrappedCall call)
    {
        byte[] names = new byte[6 * NameLength];
        string[] words = ["Linux", Environment.MachineName, _release, $"#1 SMP DmSim {_release}", "x86_64", "(none)"];
        for (int i = 0; i < words.Length; i++)
            Encoding.UTF8.GetBytes(words[i].AsSpan(0, Math.Min(words[i].Length, NameLength - 1)), names.AsSpan(i * NameLength));
        var written = Libc.WriteMemory(call.Thread, call.Argument(0), names);
        _supervisor.Answer(call, written.Count == names.Length ? Errno.None : Errno.EFAULT);
    }
}
