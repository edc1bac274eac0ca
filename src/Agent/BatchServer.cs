using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Local;

namespace DmSim.Agent;

/// <summary>Takes batches from the host, makes their calls on this kernel and sends back what it answered.</summary>
internal sealed class BatchServer(HostLink link)
{
    private const uint NoRun = 0;
    private const int WarmUpFlush = 8;

    /// <summary>Made ahead: opening the log and the uevent socket is no part of a case.</summary>
    private LocalMachine _machine = NewMachine();
    private bool _used;

    private GuestTidier? _tidier;
    private BatchRunner? _runner;

    /// <summary>Until the host goes away.</summary>
    public void Run()
    {
        SayHello();
        while (link.Receive() is { } frame)
        {
            try
            {
                switch (frame.Kind)
                {
                    case LinkFrameKind.RunBatch:
                        RunBatch(frame.Run, frame.Payload);
                        break;
                    case LinkFrameKind.WarmUp:
                        WarmUp();
                        SayHello();
                        break;
                    case LinkFrameKind.Tidy:
                        link.Send(LinkFrameKind.Tidied, frame.Run, Encoding.UTF8.GetBytes(Tidy() ?? ""));
                        break;
                }
            }
            catch (Exception e)
            {
                link.Send(LinkFrameKind.AgentFault, frame.Run, Encoding.UTF8.GetBytes(e.ToString()));
            }
        }
    }

    /// <summary>One for the guest's whole life: what was told of once is not told again.</summary>
    private static readonly FunctionTrace? Functions =
        Guest.IsForFuzzing ? FunctionTrace.Start() : null;

    private static LocalMachine NewMachine()
    {
        var machine = LocalMachine.Create(LocalConsent.ThisIsAGuest(), suspending: FirstComeFirstServed.Suspending,
            attached: FirstComeFirstServed.HasLoopThreads ? FirstComeFirstServed.JoinKernelThreads : null);
        machine.Functions = Functions;
        return machine;
    }

    private void SayHello() => link.Send(LinkFrameKind.Hello, 0, GuestFacts.Collect().Encode());

    private void RunBatch(uint run, ReadOnlySpan<byte> payload)
    {
        if (!BatchRequest.TryDecode(payload, out int flushEvery, out var calls))
            throw new InvalidDataException("a batch that cannot be read");
        RenewMachine();
        RunCalls(calls, flushEvery, replies => link.Send(LinkFrameKind.Replies, run, CallCodec.EncodeReplies(replies)));
        link.Send(LinkFrameKind.BatchDone, run, []);
    }

    /// <summary>Each batch has a machine of its own. Not made anew after a batch: as a rule the guest then goes back to its snapshot.</summary>
    private void RenewMachine()
    {
        if (!_used)
            return;
        // What the former batch left pending keeps its threads.
        _machine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _machine = NewMachine();
        _used = false;
    }

    private void RunCalls(IReadOnlyList<ScheduledCall> calls, int flushEvery, Action<IReadOnlyList<MachineReply>> flush)
    {
        _used = true;
        if (calls.Count > 0 && calls[0].At != ScheduledCall.Now)
            TimerWheelAlignment.Wait();
        _runner = new BatchRunner(_machine);
        var replies = new List<MachineReply>();
        foreach (var call in calls)
        {
            var reply = _runner.RunAsync(call).AsTask().GetAwaiter().GetResult();
            replies.Add(reply);
            if (replies.Count < flushEvery)
                continue;
            flush(replies);
            replies.Clear();
        }
        if (replies.Count > 0)
            flush(replies);
    }

    /// <summary>Null when the machine is as before the last batch, otherwise what is not.</summary>
    private string? Tidy()
    {
        if (_tidier is null || _runner is null)
            return "there was no batch";
        string? left = _tidier.TidyAsync(_machine, _runner).AsTask().GetAwaiter().GetResult();
        if (left is null)
        {
            RenewMachine();
            // The kernel made workers while others slept. From the next batch on they are of the same rank as all.
            FirstComeFirstServed.JoinKernelThreads();
        }
        return left;
    }

    /// <summary>
    /// Once through everything, so that what is made at first use (code pages, nodes, threads, the kernel's own caches) is in the
    /// snapshot that each case starts from; then the kernel is left as it was found.
    /// </summary>
    private void WarmUp()
    {
        LocalMachine.PrepareBuffers();
        // By the way that batches come, down to their bytes; the host passes over the replies, which are of no run of its own.
        byte[] payload = BatchRequest.Encode(WarmUpFlush, WarmUpBatch.Calls());
        RunBatch(NoRun, payload);
        FirstComeFirstServed.JoinKernelThreads();
        _tidier = new GuestTidier();
        RunBatch(NoRun, payload);
        if (Tidy() is { } left)
            throw new InvalidOperationException($"the warm-up is not tidied up: {left}");
        FirstComeFirstServed.JoinKernelThreads();
        if (Functions is not null)
            FunctionTrace.Clear();
        GC.Collect();
    }
}
