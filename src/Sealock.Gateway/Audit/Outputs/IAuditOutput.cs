// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Audit.Events;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>Where events end up. Called by one thread at a time.</summary>
internal interface IAuditOutput : IDisposable
{
    /// <summary>Its name in metrics and logs.</summary>
    string Name { get; }

    /// <summary>
    /// Writes events in their order and answers whether they are written. A fault is told in the log, and does not come out;
    /// but <see cref="OperationCanceledException"/> does, once <paramref name="cancellationToken"/> ends.
    /// </summary>
    ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken);
}
