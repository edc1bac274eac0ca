using System.Runtime.CompilerServices;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>Where a program is started.</summary>
internal enum Launching
{
    /// <summary>As the first of a machine, which gets a PID namespace with it.</summary>
    First,

    /// <summary>On a machine whose namespaces this process has joined.</summary>
    OnMachine,
}

/// <summary>
/// The thread under whose filter the programs run: it takes a mount namespace and a PID namespace of its own, sets the filter and
/// starts the first program, which inherits all that. Once the filter is on, it makes no call that the supervisor would have to
/// answer but those that it was made for.
/// </summary>
internal sealed unsafe class Launcher
{
    /// <summary>
    /// The first process of the namespace: a /proc for the numbers that its programs see, then the command. It stays, as only it can
    /// be the parent of orphans; with it everything ends.
    /// </summary>
    private const string FirstProgram =
        "mount -n -t proc proc /proc && mount -n -a -T /dev/.dmsim/fstab || exit 125\n\"$@\"\nexit $?";

    private readonly Launching _where;

    /// <summary>A script's transcript is to be the same every time, an address that a program prints among it.</summary>
    private readonly bool _repeats;

    private readonly sock_filter[] _filter;
    private readonly byte*[] _strings;
    private int _listener;
    private int _process;
    private int _stage;
    private Errno _failure;

    public Launcher(bool virtualTime, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Launching where = Launching.First)
    {
        _where = where;
        _filter = SeccompFilter.Build(virtualTime);
        _repeats = virtualTime;
        string[] arguments = ["setpriv", "--pdeathsig", "KILL", .. where == Launching.First ? ["/bin/sh", "-c", FirstProgram, "sh"] : Array.Empty<string>(), .. command];
        _strings = [];
        Path = Native(FindProgram("setpriv") ?? throw HostRefusedException.Missing("The program setpriv is missing:", "install the package util-linux."));
        Arguments = NativeList(arguments);
        Environment = NativeList(environment.Select(variable => $"{variable.Key}={variable.Value}"));
    }

    private byte* Path { get; }
    private byte** Arguments { get; }
    private byte** Environment { get; }

    /// <summary>The first process, as the supervisor's namespace numbers it.</summary>
    public int Process => Volatile.Read(ref _process);

    /// <summary>The filter's listener, once there is one; 0 before.</summary>
    public int Listener => Volatile.Read(ref _listener);

    public static string? FindProgram(string name) =>
        (System.Environment.GetEnvironmentVariable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin").Split(':')
            .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static byte* Native(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + "\0");
        byte* copy = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    private static byte** NativeList(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        byte** list = (byte**)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)(all.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < all.Length; i++)
            list[i] = Native(all[i]);
        return list;
    }

    /// <summary>Takes the namespaces, filters this thread and starts the command. Answers the exit status of the whole.</summary>
    public int Run()
    {
        fixed (sock_filter* filter = _filter)
        {
            var program = new sock_fprog { len = (ushort)_filter.Length, filter = filter };
            byte* nowhere = Native("/nonexistent/dmsim");
            // Everything that the second round does has been compiled and bound by the first.
            Go(&program, nowhere, Libc.SECCOMP_FILTER_FLAG_NEW_LISTENER | 1u << 31, 0);
            if (_where == Launching.First)
                _failure = Libc.Unshare(Libc.CLONE_NEWPID);
            if (_where == Launching.First && _failure != Errno.None)
                throw HostRefusedException.Missing($"A PID namespace cannot be had here ({_failure}):", "the kernel needs CONFIG_PID_NS, and its limit in /proc/sys/user/max_pid_namespaces must not be 0.");
            _ = Libc.SetNoNewPrivileges();
            if (_repeats)
                Libc.KeepAddresses();
            Go(&program, Path, Libc.SECCOMP_FILTER_FLAG_NEW_LISTENER | Libc.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, 1);
            if (_stage == 0 && _failure == Errno.EINVAL)
                Go(&program, Path, Libc.SECCOMP_FILTER_FLAG_NEW_LISTENER, 1);
            if (_stage == 0)
                throw HostRefusedException.Missing($"Seccomp's user notification cannot be had here ({_failure}):",
                    "the kernel must be 5.5 or newer with CONFIG_SECCOMP_FILTER, and no container may forbid seccomp(2).");
            if (_stage == 1)
                throw HostRefusedException.Missing($"The first program cannot be started ({_failure}):", "is /bin/sh there?");
        }
        return Libc.WaitFor(_process, out int status) == Errno.None ? status : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Go(sock_fprog* program, byte* path, uint flags, int round)
    {
        _failure = Libc.InstallFilter(program, flags, out int listener);
        if (_failure == Errno.None)
        {
            Volatile.Write(ref _listener, listener);
            _stage = 1;
        }
        else if (round > 0)
        {
            return;
        }
        _failure = Libc.Spawn(path, Arguments, Environment, out int process);
        if (_failure == Errno.None)
        {
            _stage = 2;
            Volatile.Write(ref _process, process);
        }
    }
}
