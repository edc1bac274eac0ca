namespace DmSim.Abi;

/// <summary>
/// A reply with its payload read. <paramref name="Value"/> is null when the errno says so or, with the reason in
/// <paramref name="Problem"/>, when the payload makes no sense.
/// </summary>
public sealed record DmResult<T>(DmReply Reply, T? Value, string? Problem)
{
    public Errno Errno => Reply.Errno;
    public DmHeader Header => Reply.Header;
}

/// <summary>
/// The typed client: what libdevmapper is to C, over any machine. Each method is one <see cref="DmRequest"/>, sent again with twice
/// the room while the reply says DM_BUFFER_FULL. A refusal is the reply's errno.
/// </summary>
public sealed class DmControl(IMachine machine)
{
    /// <summary>Where growth ends; the reply then still says DM_BUFFER_FULL.</summary>
    public const int MaxBufferSize = 64 << 20;

    /// <summary>Sends any request.</summary>
    public async ValueTask<DmReply> SendAsync(DmRequest request)
    {
        int length = request.Buffer.Length;
        while (true)
        {
            byte[] buffer = new byte[length];
            request.Buffer.CopyTo(buffer, 0);
            if (length > request.Buffer.Length)
                new DmIoctl(buffer).DataSize = (uint)length;
            var reply = new DmReply(request.Command, await machine.ControlAsync(request.Number, buffer), buffer);
            if (!reply.IsBufferFull || !request.HasReplyPayload || length > MaxBufferSize / 2)
                return reply;
            length *= 2;
        }
    }

    public ValueTask<DmReply> VersionAsync() => SendAsync(DmRequest.Version());

    public ValueTask<DmReply> CreateAsync(
        string name, string? uuid = null, uint? minor = null, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.Create(name, uuid, minor, extra, cookie));

    public ValueTask<DmReply> RemoveAsync(
        DmSelector device, bool deferred = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.Remove(device, deferred, extra, cookie));

    public ValueTask<DmReply> RemoveAllAsync(bool deferred = false, DmFlags extra = DmFlags.None) =>
        SendAsync(DmRequest.RemoveAll(deferred, extra));

    public ValueTask<DmReply> RenameAsync(DmSelector device, string newName, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.Rename(device, newName, extra, cookie));

    public ValueTask<DmReply> SetUuidAsync(DmSelector device, string uuid, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.SetUuid(device, uuid, extra, cookie));

    public ValueTask<DmReply> SuspendAsync(
        DmSelector device, bool noFlush = false, bool noLockfs = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.Suspend(device, noFlush, noLockfs, extra, cookie));

    public ValueTask<DmReply> ResumeAsync(
        DmSelector device, bool noFlush = false, bool noLockfs = false, DmFlags extra = DmFlags.None, uint cookie = 0) =>
        SendAsync(DmRequest.Resume(device, noFlush, noLockfs, extra, cookie));

    public ValueTask<DmReply> LoadAsync(
        DmSelector device, IReadOnlyList<TableLine> lines, bool readOnly = false, DmFlags extra = DmFlags.None) =>
        SendAsync(DmRequest.Load(device, lines, readOnly, extra));

    public ValueTask<DmReply> ClearAsync(DmSelector device, DmFlags extra = DmFlags.None) =>
        SendAsync(DmRequest.Clear(device, extra));

    public ValueTask<DmReply> InfoAsync(DmSelector device, bool inactive = false, DmFlags extra = DmFlags.None) =>
        SendAsync(DmRequest.Info(device, inactive, extra));

    public async ValueTask<DmResult<IReadOnlyList<TableLine>>> StatusAsync(
        DmSelector device, bool inactive = false, bool noFlush = false, DmFlags extra = DmFlags.None) =>
        Lines(await SendAsync(DmRequest.Status(device, inactive, noFlush, extra)));

    public async ValueTask<DmResult<IReadOnlyList<TableLine>>> TableAsync(
        DmSelector device, bool inactive = false, bool noFlush = false, DmFlags extra = DmFlags.None) =>
        Lines(await SendAsync(DmRequest.Table(device, inactive, noFlush, extra)));

    /// <summary>Completes when the device's event number is no longer <paramref name="eventNr"/>.</summary>
    public async ValueTask<DmResult<IReadOnlyList<TableLine>>> WaitAsync(
        DmSelector device, uint eventNr, bool noFlush = false, DmFlags extra = DmFlags.None) =>
        Lines(await SendAsync(DmRequest.Wait(device, eventNr, noFlush, extra)));

    public async ValueTask<DmResult<IReadOnlyList<DeviceNumber>>> DepsAsync(
        DmSelector device, bool inactive = false, DmFlags extra = DmFlags.None)
    {
        var reply = await SendAsync(DmRequest.Deps(device, inactive, extra));
        return Result(reply, reply.TryDeps(out var devices, out string reason), devices, reason);
    }

    public async ValueTask<DmResult<IReadOnlyList<DmListedDevice>>> ListAsync(DmSelector prefix = default)
    {
        var reply = await SendAsync(DmRequest.ListDevices(prefix));
        return Result(reply, reply.TryDevices(out var devices, out string reason), devices, reason);
    }

    public async ValueTask<DmResult<IReadOnlyList<DmTargetVersion>>> TargetVersionsAsync()
    {
        var reply = await SendAsync(DmRequest.ListVersions());
        return Result(reply, reply.TryVersions(out var versions, out string reason), versions, reason);
    }

    public async ValueTask<DmResult<DmTargetVersion>> TargetVersionAsync(string type)
    {
        var reply = await SendAsync(DmRequest.TargetVersion(type));
        bool read = reply.TryVersions(out var versions, out string reason);
        if (read && versions.Count != 1)
            (read, reason) = (false, $"{versions.Count} versions where one was asked for");
        return Result(reply, read, read ? versions[0] : null, reason);
    }

    /// <summary>The value is what the target answered, null when nothing.</summary>
    public async ValueTask<DmResult<string>> MessageAsync(
        DmSelector device, string message, Sectors sector = default, DmFlags extra = DmFlags.None)
    {
        var reply = await SendAsync(DmRequest.Message(device, sector, message, extra));
        return Result(reply, reply.TryMessageText(out string? text, out string reason), text, reason);
    }

    public ValueTask<DmReply> SetGeometryAsync(DmSelector device, DmGeometry geometry) =>
        SendAsync(DmRequest.SetGeometry(device, geometry.ToString()));

    public ValueTask<DmReply> ArmPollAsync() => SendAsync(DmRequest.ArmPoll());

    private static DmResult<IReadOnlyList<TableLine>> Lines(DmReply reply) =>
        Result(reply, reply.TryLines(out var lines, out string reason), lines, reason);

    private static DmResult<T> Result<T>(DmReply reply, bool read, T? value, string reason)
        where T : class =>
        new(reply, read ? value : null, read || !reply.IsOk ? null : reason);
}
