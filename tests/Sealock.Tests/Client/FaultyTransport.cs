// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Objects;

namespace Sealock.Tests.Client;

/// <summary>A transport over a bad line: requests fail, answers are refused, bodies break off.</summary>
internal sealed class FaultyTransport(IApiTransport inner, Random random) : IApiTransport
{
    /// <summary>Whether the line is bad.</summary>
    public bool IsFaulty { get; set; } = true;

    public async Task<TransportResponse> SendAsync(
        string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        var fault = 9;
        var length = int.MaxValue;
        lock (random)
        {
            if (IsFaulty)
            {
                fault = random.Next(9);
                length = random.Next(3000);
            }
        }

        switch (fault)
        {
            case 0:
                throw new HttpRequestException("connection refused");
            case 1:
                return Refusal(ApiException.Expired("too old resource version: 1 (2)"));
            case 2:
                return Refusal(ApiException.Unavailable("please try again"));
            case 3:
                var expired = Encoding.UTF8.GetString(StatusWriter.Failure(ApiException.Expired("too old resource version")));
                return new TransportResponse(200, new MemoryStream(Encoding.UTF8.GetBytes($$"""{"type":"ERROR","object":{{expired}}}""" + "\n")));
            default:
                var answer = await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
                return fault is 9 or 8 ? answer : new TransportResponse(answer.StatusCode, new CutStream(answer.Body, length, fault < 6), answer);
        }
    }

    private static TransportResponse Refusal(ApiException refusal) =>
        new(refusal.Code, new MemoryStream(StatusWriter.Failure(refusal)));

    /// <summary>Ends after so many bytes, with an error or as if that were all.</summary>
    private sealed class CutStream(Stream inner, int left, bool throws) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (left == 0)
                return throws ? throw new IOException("connection reset") : 0;
            var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, left)], cancellationToken);
            left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>A clock on which every wait is a thousandth of what was asked for.</summary>
internal sealed class HastyTimeProvider : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 1000 : dueTime, period > TimeSpan.Zero ? period / 1000 : period);
}
