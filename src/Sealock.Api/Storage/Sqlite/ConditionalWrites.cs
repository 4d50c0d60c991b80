// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>A write that depends on the key's last revision.</summary>
internal abstract class ConditionalWrite(string key, byte[] keyBytes, long expectedRevision) : WriteOperation
{
    private readonly TaskCompletionSource<WriteResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool succeeded;
    private long writtenRevision;
    private StoreEntry? current;

    public Task<WriteResult> Completion => completion.Task;

    public override int Size => KeyBytes.Length;

    protected string Key { get; } = key;

    protected byte[] KeyBytes { get; } = keyBytes;

    public sealed override void Apply(WriteTransaction transaction)
    {
        var last = transaction.Log.Last(KeyBytes);
        var currentRevision = last is { Deleted: false } ? last.Revision : 0;
        succeeded = currentRevision == expectedRevision && Write(transaction, last);
        if (succeeded)
            writtenRevision = transaction.Revision;
        else
            current = last?.ToEntry(Key);
    }

    public sealed override void Committed(long revision) =>
        completion.SetResult(new WriteResult(succeeded, succeeded ? writtenRevision : revision, current));

    public sealed override void Failed(Exception fault) => completion.SetException(fault);

    /// <summary>Writes, now that the condition holds; false where there is nothing to write.</summary>
    protected abstract bool Write(WriteTransaction transaction, LogRow? last);
}

internal sealed class PutOperation(
    string key, byte[] keyBytes, ReadOnlyMemory<byte> value, long expectedRevision, long? expires)
    : ConditionalWrite(key, keyBytes, expectedRevision)
{
    public override int Size => base.Size + value.Length;

    protected override bool Write(WriteTransaction transaction, LogRow? last)
    {
        transaction.Put(Key, KeyBytes, last, value, expires);
        return true;
    }
}

internal sealed class DeleteOperation(string key, byte[] keyBytes, long expectedRevision)
    : ConditionalWrite(key, keyBytes, expectedRevision)
{
    protected override bool Write(WriteTransaction transaction, LogRow? last)
    {
        if (last is null or { Deleted: true })
            return false;
        transaction.Delete(Key, KeyBytes, last);
        return true;
    }
}
