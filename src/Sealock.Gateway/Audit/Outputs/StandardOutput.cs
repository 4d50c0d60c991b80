// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Audit.Events;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>Events as lines of a stream, such as standard output.</summary>
internal sealed class StandardOutput(Stream output) : IAuditOutput
{
    /// <inheritdoc/>
    public string Name => "log";

    /// <inheritdoc/>
    public async ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var record in batch)
                await output.WriteAsync(record.Bytes, cancellationToken);
            await output.FlushAsync(cancellationToken);
            return true;
        }
        catch (IOException)
        {
            // Nobody reads it any more; the metrics count what is lost.
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();
}
