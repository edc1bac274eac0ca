using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Targets;

namespace DmSim.Model.Ioctl;

/// <summary>
/// The same lists where they are filled as far as the buffer goes (<see cref="Profiles.KernelRule.ListsFilledAsFarAsTheyGo"/>). What does
/// not fit is left out, and the length of the reply is then the request's own.
/// </summary>
internal sealed partial class ListCommands
{
    /// <summary>sizeof(struct dm_name_list), with its padding.</summary>
    private const int EmptyNameList = 16;

    private Errno FillDevices(ControlCall call)
    {
        bool withUuid = WithUuid(call);
        var result = call.TakeResultBuffer();
        if (result.Length >= EmptyNameList)
            BinaryPrimitives.WriteUInt64LittleEndian(result, 0);
        int at = 0, last = -1;
        foreach (var cell in names.InOrder)
        {
            if (!IsWanted(cell, call))
                continue;
            int tail = DmText.Align(at + NameListHead + cell.Name.Length + 1), end = at + EntrySize(cell, withUuid);
            // The name and the number are there even when the uuid has no room.
            if (tail + EventSize <= result.Length)
                PutHead(cell, result, at, tail);
            if (end > result.Length)
            {
                call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
                break;
            }
            PutUuid(cell, result, tail, end, withUuid);
            BinaryPrimitives.WriteUInt32LittleEndian(result[(at + NextOffset)..], (uint)(end - at));
            (last, at) = (at, end);
        }
        if (last >= 0)
            BinaryPrimitives.WriteUInt32LittleEndian(result[(last + NextOffset)..], 0);
        if (!call.Has(DmFlags.DM_BUFFER_FULL_FLAG))
            call.SetResultLength(at);
        return Errno.None;
    }

    private static void PutHead(HashCell cell, Span<byte> result, int at, int tail)
    {
        result[(tail - sizeof(ulong))..tail].Clear();
        cell.Name.CopyTo(result[(at + NameListHead)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(result[at..], cell.Device.Number.Encode());
        BinaryPrimitives.WriteUInt32LittleEndian(result[tail..], cell.Device.EventNr);
        BinaryPrimitives.WriteUInt32LittleEndian(result[(tail + 4)..], 0);
    }

    private static void PutUuid(HashCell cell, Span<byte> result, int tail, int end, bool withUuid)
    {
        if (!withUuid)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(result[(tail + 4)..], cell.Uuid is null ? HasNoUuid : HasUuid);
        if (cell.Uuid is not { } uuid)
            return;
        result[(end - sizeof(ulong))..end].Clear();
        uuid.CopyTo(result[(tail + EventSize)..]);
    }

    private Errno FillVersions(IReadOnlyList<TargetType> types, ControlCall call)
    {
        var result = call.TakeResultBuffer();
        int at = 0, last = -1;
        foreach (var type in types)
        {
            int end = DmText.Align(at + VersionsHead + type.Name.Length + 1);
            last = at;
            if (end > result.Length)
            {
                call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
                return Errno.None;
            }
            result[(end - sizeof(ulong))..end].Clear();
            PutVersion(type, result[at..]);
            BinaryPrimitives.WriteUInt32LittleEndian(result[at..], (uint)(end - at));
            at = end;
        }
        if (last >= 0)
            BinaryPrimitives.WriteUInt32LittleEndian(result[last..], 0);
        call.SetResultLength(at);
        return Errno.None;
    }
}
