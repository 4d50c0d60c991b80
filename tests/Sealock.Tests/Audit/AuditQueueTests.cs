// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Tests.Support;

namespace Sealock.Tests.Audit;

public class AuditQueueTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly AuditCounters _counters = new();
    private readonly GatedOutput _output = new();

    [Fact]
    public async Task In_mode_batch_nobody_waits_and_what_does_not_fit_is_dropped_and_counted()
    {
        await using var queue = Queue(new AuditQueueOptions { BufferSize = 3, MaxBatchSize = 10 });
        Assert.True(await queue.PutAsync(LogFileTests.Line("first")));
        await _output.Entered;
        for (var i = 0; i < 5; i++)
            Assert.True(await queue.PutAsync(LogFileTests.Line($"{i}")));
        Assert.Equal(3, queue.Length);
        Assert.Equal(2, _counters.FailedOf(AuditCounters.Buffer));
        _output.Open(true);
        await queue.DisposeAsync();
        Assert.Equal(["first", "0 1 2"], _output.Batches);
    }

    [Theory]
    [InlineData(AuditMode.Batch, true)]
    [InlineData(AuditMode.Blocking, true)]
    [InlineData(AuditMode.BlockingStrict, false)]
    public async Task Bytes_that_wait_are_bounded_too(AuditMode mode, bool goesOn)
    {
        await using var queue = Queue(new AuditQueueOptions { Mode = mode });
        var first = queue.PutAsync(LogFileTests.Line("first"));
        await _output.Entered;
        var large = LogFileTests.Line(new string('x', (int)(AuditQueue.MaxWaitingBytes / 2)));
        var second = queue.PutAsync(large);
        Assert.Equal(goesOn, await queue.PutAsync(large));
        Assert.Equal(1, queue.Length);
        Assert.Equal(1, _counters.FailedOf(AuditCounters.Buffer));
        _output.Open(true);
        Assert.True(await first);
        Assert.True(await second);
    }

    [Theory]
    [InlineData(AuditMode.Blocking, true, true)]
    [InlineData(AuditMode.Blocking, false, true)]
    [InlineData(AuditMode.BlockingStrict, true, true)]
    [InlineData(AuditMode.BlockingStrict, false, false)]
    public async Task In_the_other_modes_a_request_waits_and_goes_on_or_not(AuditMode mode, bool written, bool goesOn)
    {
        await using var queue = Queue(new AuditQueueOptions { Mode = mode });
        var put = queue.PutAsync(LogFileTests.Line("one"));
        await _output.Entered;
        Assert.False(put.IsCompleted);
        _output.Open(written);
        Assert.Equal(goesOn, await put);
        Assert.Equal(written ? 0 : 1, _counters.FailedOf("test"));
    }

    [Fact]
    public async Task Events_that_come_while_one_is_written_are_written_together_after_it()
    {
        await using var queue = Queue(new AuditQueueOptions { Mode = AuditMode.Blocking });
        List<Task<bool>> puts = [queue.PutAsync(LogFileTests.Line("first")).AsTask()];
        await _output.Entered;
        foreach (var line in new[] { "a", "b", "c" })
            puts.Add(queue.PutAsync(LogFileTests.Line(line)).AsTask());
        Assert.DoesNotContain(puts, put => put.IsCompleted);
        _output.Open(true);
        await Task.WhenAll(puts);
        Assert.Equal(["first", "a b c"], _output.Batches);
    }

    [Theory]
    [InlineData(AuditMode.Blocking, true)]
    [InlineData(AuditMode.BlockingStrict, false)]
    public async Task After_the_end_nothing_is_written_any_more(AuditMode mode, bool goesOn)
    {
        var queue = Queue(new AuditQueueOptions { Mode = mode });
        _output.Open(true);
        await queue.DisposeAsync();
        Assert.Equal(goesOn, await queue.PutAsync(LogFileTests.Line("late")));
        Assert.Equal(1, _counters.FailedOf("test"));
        Assert.Empty(_output.Batches);
    }

    [Fact]
    public async Task A_fault_of_the_output_loses_its_batch_and_not_the_next()
    {
        await using var queue = Queue(new AuditQueueOptions { Mode = AuditMode.BlockingStrict });
        var first = queue.PutAsync(LogFileTests.Line("one"));
        await _output.Entered;
        _output.Fault(new InvalidOperationException());
        Assert.False(await first);
        _output.Open(true);
        Assert.True(await queue.PutAsync(LogFileTests.Line("two")));
        Assert.Equal(1, _counters.FailedOf("test"));
    }

    [Fact]
    public async Task Batches_are_bounded_by_number_and_bytes()
    {
        await using var queue = Queue(new AuditQueueOptions { MaxBatchSize = 3, MaxBatchBytes = 10 });
        await queue.PutAsync(LogFileTests.Line("first"));
        await _output.Entered;
        foreach (var line in new[] { "a", "b", "c", "d", "12345678", "e", "longer than a batch", "f" })
            await queue.PutAsync(LogFileTests.Line(line));
        _output.Open(true);
        await queue.DisposeAsync();
        Assert.Equal(["first", "a b c", "d", "12345678", "e", "longer than a batch", "f"], _output.Batches);
    }

    [Fact]
    public async Task A_batch_waits_to_become_full_for_so_long_and_no_longer()
    {
        await using var queue = Queue(new AuditQueueOptions { MaxBatchSize = 2, MaxBatchWait = TimeSpan.FromSeconds(30) });
        _output.Open(true);
        await queue.PutAsync(LogFileTests.Line("a"));
        await queue.PutAsync(LogFileTests.Line("b"));
        await _output.WrittenAsync(1);
        await queue.PutAsync(LogFileTests.Line("c"));
        while (queue.Length > 0 || _clock.PendingTimers == 0)
            await Task.Yield();
        _clock.Advance(TimeSpan.FromSeconds(31));
        await _output.WrittenAsync(2);
        Assert.Equal(["a b", "c"], _output.Batches);
    }

    [Fact]
    public async Task Batches_are_throttled()
    {
        await using var queue = Queue(new AuditQueueOptions { MaxBatchSize = 1, BatchesPerSecond = 0.5, BatchBurst = 2 });
        _output.Open(true);
        for (var i = 0; i < 3; i++)
            await queue.PutAsync(LogFileTests.Line($"{i}"));
        await _output.WrittenAsync(2);
        while (_clock.PendingTimers == 0)
            await Task.Yield();
        Assert.Equal(["0", "1"], _output.Batches);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await _output.WrittenAsync(3);
    }

    [Fact]
    public async Task What_waits_when_the_server_ends_is_written_and_what_comes_later_is_counted()
    {
        var queue = Queue(new AuditQueueOptions { MaxBatchWait = TimeSpan.FromHours(1) });
        _output.Open(true);
        await queue.PutAsync(LogFileTests.Line("a"));
        await queue.DisposeAsync();
        Assert.Equal(["a"], _output.Batches);
        await queue.PutAsync(LogFileTests.Line("b"));
        Assert.Equal(1, _counters.FailedOf(AuditCounters.Buffer));
    }

    [Fact]
    public async Task An_output_that_hangs_does_not_keep_the_server_from_ending()
    {
        var queue = Queue(new AuditQueueOptions());
        await queue.PutAsync(LogFileTests.Line("a"));
        await _output.Entered;
        var end = queue.DisposeAsync().AsTask();
        while (!end.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await end;
        Assert.Equal(1, _counters.FailedOf("test"));
    }

    private AuditQueue Queue(AuditQueueOptions options) => new(_output, options, _counters, _clock, NullLogger.Instance);

    /// <summary>Takes nothing until it is opened.</summary>
    private sealed class GatedOutput : IAuditOutput
    {
        private readonly Lock _gate = new();
        private readonly List<string> _batches = [];
        private readonly SemaphoreSlim _written = new(0);
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _seen;

        public string Name => "test";

        public Task Entered => _entered.Task;

        public IReadOnlyList<string> Batches
        {
            get
            {
                lock (_gate)
                    return [.. _batches];
            }
        }

        public void Open(bool answer) => _answer.TrySetResult(answer);

        public void Fault(Exception fault)
        {
            var faulty = _answer;
            _answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            faulty.TrySetException(fault);
        }

        public async Task WrittenAsync(int count)
        {
            for (; _seen < count; _seen++)
                await _written.WaitAsync();
        }

        public async ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
        {
            var lines = batch.Select(record => Encoding.UTF8.GetString(record.Bytes.Span).TrimEnd('\n')).ToList();
            var answered = _answer.Task;
            _entered.TrySetResult();
            var answer = await answered.WaitAsync(cancellationToken);
            lock (_gate)
                _batches.Add(string.Join(' ', lines));
            _written.Release();
            return answer;
        }

        public void Dispose() => _written.Dispose();
    }
}
