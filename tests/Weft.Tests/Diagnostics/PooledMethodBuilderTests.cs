using System.Runtime.CompilerServices;
using Weft.Diagnostics;

namespace Weft.Tests.Diagnostics;

public sealed class PooledMethodBuilderTests
{
    private static readonly AsyncLocal<string> s_ambient = new();

    [Fact]
    public async Task Results_and_exceptions_come_back_at_once_and_later()
    {
        Assert.Equal(3, await AddAsync(Task.CompletedTask, 1, 2));
        var later = new TaskCompletionSource();
        var sum = AddAsync(later.Task, 1, 2);
        Assert.False(sum.IsCompleted);
        later.SetResult();
        Assert.Equal(3, await sum);
        await Assert.ThrowsAsync<OverflowException>(() => AddAsync(Task.CompletedTask, int.MaxValue, 1).AsTask());
        later = new TaskCompletionSource();
        var fails = AddAsync(later.Task, int.MaxValue, 1).AsTask();
        later.SetResult();
        await Assert.ThrowsAsync<OverflowException>(() => fails);
    }

    [Fact]
    public async Task A_bunch_that_waits_at_once_keeps_apart_and_is_used_again()
    {
        for (var round = 0; round < 20; round++)
        {
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var running = Enumerable.Range(0, 64).Select(i => AddAsync(begin.Task, i, round).AsTask()).ToArray();
            begin.SetResult();
            Assert.Equal(Enumerable.Range(round, 64), await Task.WhenAll(running));
        }
    }

    [Fact]
    public async Task What_flows_with_a_call_is_there_after_a_wait_and_not_at_its_caller()
    {
        s_ambient.Value = "caller";
        var later = new TaskCompletionSource();
        var seen = AmbientAsync(later.Task);
        Assert.Equal("caller", s_ambient.Value);
        s_ambient.Value = "other";
        later.SetResult();
        Assert.Equal("inside", await seen);
        Assert.Equal("other", s_ambient.Value);
    }

    [Fact]
    public async Task A_result_is_taken_once()
    {
        var later = new TaskCompletionSource();
        var sum = AddAsync(later.Task, 1, 2);
        later.SetResult();
        await sum;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await sum);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(Task when, int one, int other)
    {
        await when.ConfigureAwait(false);
        return checked(one + other);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<string?> AmbientAsync(Task when)
    {
        s_ambient.Value = "inside";
        await when.ConfigureAwait(false);
        return s_ambient.Value;
    }
}
